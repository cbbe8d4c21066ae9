import type { Message } from "./link.ts";

const PATIENCE = 10_000;

/** What a client needs of a stream: a socket has it. */
export interface Stream {
  on(event: "data", listener: (data: Buffer) => void): unknown;
  on(event: "error" | "close", listener: () => void): unknown;
  write(data: Buffer): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** One stream and the messages that came over it. */
export class Client {
  messages: Message[] = [];
  open = true;
  private rest = Buffer.alloc(0);
  private waiting: (() => void)[] = [];

  constructor(private readonly socket: Stream) {
    socket.on("data", (data) => this.take(data));
    socket.on("error", () => this.end());
    socket.on("close", () => this.end());
  }

  write(m: Message): void {
    if (!this.open) return;
    const bytes = Buffer.alloc(16 + m.payload.length);
    bytes.writeUInt32LE(m.type, 0);
    bytes.writeUInt32LE(m.reqId, 4);
    bytes.writeUInt32LE(m.txId, 8);
    bytes.writeUInt32LE(m.payload.length, 12);
    bytes.write(m.payload, 16, "latin1");
    this.socket.write(bytes);
  }

  /** Bytes as they are. */
  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Waits until the condition holds or the connection is gone. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (this.open && !condition()) {
      if (Date.now() > end) throw new Error("no answer in ten seconds");
      await new Promise<void>((go) => {
        const timer = setTimeout(go, PATIENCE);
        this.waiting.push(() => {
          clearTimeout(timer);
          go();
        });
      });
    }
  }

  /** Stops to read: what the daemon sends stays in the socket, and then with the daemon. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.until(() => !this.open);
  }

  private end(): void {
    this.open = false;
    this.wake();
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private take(data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 16) {
      const length = this.rest.readUInt32LE(12);
      if (this.rest.length < 16 + length) break;
      this.messages.push({
        type: this.rest.readUInt32LE(0),
        reqId: this.rest.readUInt32LE(4),
        txId: this.rest.readUInt32LE(8),
        payload: this.rest.toString("latin1", 16, 16 + length),
      });
      this.rest = this.rest.subarray(16 + length);
    }
    this.wake();
  }
}
