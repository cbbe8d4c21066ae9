const FIRST_ROOM = 64;

/** The numbers from 0 on. One that was taken can be given back, and is taken again, without memory. */
export class FreeNumbers {
  /** Numbers that were taken at some time are below it. */
  top = 0;
  /** How many of those are free. */
  count = 0;
  /** A free number; -1: there is none below `top`. */
  private first = -1;
  /** By free number: the next free one. */
  private next = new Int32Array(FIRST_ROOM);

  /** The number that `take` takes next. Throws if there is no memory to give it back later. */
  upcoming(): number {
    if (this.first >= 0) return this.first;
    this.makeRoom(this.top + 1);
    return this.top;
  }

  /** Takes the number that `upcoming` returned. */
  take(): void {
    if (this.first < 0) {
      this.top++;
      return;
    }
    this.first = this.next[this.first] as number;
    this.count--;
  }

  give(number: number): void {
    this.next[number] = this.first;
    this.first = number;
    this.count++;
  }

  /** Takes all numbers below `top`, of which none may have been taken before. */
  takeBelow(top: number): void {
    this.makeRoom(top);
    this.top = top;
  }

  private makeRoom(top: number): void {
    const { length } = this.next;
    if (top <= length) return;
    const next = new Int32Array(Math.max(top, length + (length >> 1)));
    next.set(this.next);
    this.next = next;
  }
}
