export interface Message {
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

export class FakeLink {
  readonly input: Message[] = [];
  output: Message[] = [];
  /** Messages it still takes; a guest that does not read has room for none. */
  room = Number.POSITIVE_INFINITY;
  features = 0;
  resets = 0;
  announced = 0;
  flowControlled = false;
  /** How often it has read; a test counts. */
  reads = 0;
  /** In the host's circle. */
  circling = false;
  /** Shut off: nothing comes out of it. */
  broken = false;
  requests = 0;
  replies = 0;
  events = 0;
  lastType = -1;
  lastAt = 0;
  constructor(
    readonly domid: number,
    public port: number,
  ) {}
}
