/** A broker a test may talk to. */
export interface RabbitMqServer {
  /** Of a user that may do everything on its virtual host. */
  readonly url: string;
  /** Ends what was started for the test; leaves a server alone that was there before. Idempotent. */
  readonly stop: () => Promise<void>;
}
