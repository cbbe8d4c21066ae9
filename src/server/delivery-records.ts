import type { Connection } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";

/** Characters of the paths of a delivery in one record: a larger one may find no room in a heap in pieces. */
const PIECE = 8192;

/**
 * The journal's records of deliveries: the paths in pieces, then the delivery, which never changes, and the reply that it
 * owes. So deliveries are recovered in the order of their requests.
 */
export class DeliveryRecords {
  constructor(private readonly journalWriter: JournalWriter) {}

  /** Records a delivery. Throws if there is no memory; then nothing of it is recorded. */
  add(d: Delivery<Connection>): void {
    try {
      const { paths, pathRecords } = d;
      for (let from = 0; from < paths.length; ) {
        let to = from;
        let size = 0;
        do size += (paths[to++] as string).length;
        while (to < paths.length && size < PIECE);
        pathRecords.push(NO_RECORD);
        pathRecords[pathRecords.length - 1] = this.journalWriter.paths(paths.slice(from, to));
        from = to;
      }
      d.record = this.journalWriter.delivery(pathRecords, d.events, d.by === null || d.by.privileged ? null : d.by);
    } catch (thrown) {
      this.drop(d);
      throw thrown;
    }
  }

  /** Records the reply that follows a delivery's events. Throws if there is no memory. */
  owes(d: Delivery<Connection>): void {
    if (d.reply === null) return;
    const { to, type, reqId, txId, payload } = d.reply;
    d.replyRecord = this.journalWriter.reply(d.record, { to: to.serial, type, reqId, txId, payload });
  }

  /** The reply is sent, or its client is gone. */
  answered(d: Delivery<Connection>): void {
    this.journalWriter.drop(d.replyRecord);
    d.replyRecord = NO_RECORD;
  }

  /** Drops all that a delivery has. */
  drop(d: Delivery<Connection>): void {
    this.answered(d);
    this.journalWriter.drop(d.record);
    for (const place of d.pathRecords) this.journalWriter.drop(place);
    d.record = NO_RECORD;
    d.pathRecords.length = 0;
  }

  /** Reserves memory for the end of deliveries with so many records in all. Throws if there is none. */
  reserve(count: number): void {
    this.journalWriter.reserve(count);
  }
}
