/** Bytes that are kept for a client besides its nodes: its watches, its transactions, what waits for it. */
export class Account {
  bytes = 0;
}
