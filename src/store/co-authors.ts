import { CHANGERS_MAX } from "../limits.ts";
import { Cost } from "./cost.ts";
import { type HistoryRecord, Writer } from "./past.ts";

/** Who makes the changes of the next commit, and what is kept for whom. */
interface Authors {
  author(): Writer;
  count(payer: Writer, bytes: number): void;
}

/**
 * Authors that join a record: the thing that it covers changed again. It needs no second record, but each author
 * may have to pay for a conflict.
 */
export class CoAuthors {
  /** Records that got an author since the last commit. */
  private readonly joined: HistoryRecord[] = [];
  /** The commit that these changes become. */
  private commit = -1;

  constructor(private readonly history: Authors) {}

  /** Adds the current author to a record, which keeps at most CHANGERS_MAX. `commit`: the number of the next commit. */
  join(record: HistoryRecord, commit: number): void {
    const author = this.history.author();
    const { by } = record;
    if (by === author) return;
    const alone = by instanceof Writer;
    if (!alone && (by.length >= CHANGERS_MAX || by.includes(author))) return;
    if (this.commit !== commit) this.joined.length = 0;
    this.commit = commit;
    if (alone) {
      record.by = [by, author];
      record.size += Cost.changers;
      this.history.count(record.payer, Cost.changers);
    } else {
      by.push(author);
    }
    // Last: an author that this does not note stays, which does less harm than to remove another.
    this.joined.push(record);
  }

  /** The changes of the next commit are rolled back: their author leaves the records again. Needs no memory. */
  undo(commit: number): void {
    if (this.commit !== commit) return;
    for (let record = this.joined.pop(); record !== undefined; record = this.joined.pop()) {
      const by = record.by as Writer[];
      by.pop();
      if (by.length > 1) continue;
      record.by = by[0] as Writer;
      record.size -= Cost.changers;
      this.history.count(record.payer, -Cost.changers);
    }
  }
}
