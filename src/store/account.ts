/** Memory charged to a client besides its nodes, in bytes: watches, transactions, queued messages and deliveries. */
export class Account {
  bytes = 0;
}
