/** Deliveries in hand at a time, see ConsumeOptions. */
export const DEFAULT_CONCURRENCY = 32;
/** Time a stop gives the deliveries in hand. */
export const DEFAULT_GRACE_MS = 5_000;
/** Time a send or publish may take until the message is safe. */
export const DEFAULT_SEND_TIMEOUT_MS = 30_000;
/** Deliveries after which a broker's message goes to the dead letters. */
export const DEFAULT_DELIVERY_LIMIT = 20;
