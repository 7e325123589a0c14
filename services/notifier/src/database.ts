import type { Generated, GeneratedAlways } from 'kysely';

/** What became of a delivery: still to be made, made, given up after the last attempt or a 410, or no longer wanted. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'cancelled';

/** Tables of the schema `notifier`, as queries see them. Times are read as ISO 8601 text. */
export interface NotifierSchema {
  webhooks: {
    tenant: string;
    id: string;
    url: string;
    events: string[];
    /** Sealed, see `webhooks/secret.ts`. */
    secret: Buffer;
    created_at: Generated<string>;
    disabled_at: string | null;
    disabled_reason: string | null;
    deleted_at: string | null;
  };
  deliveries: {
    tenant: string;
    id: string;
    webhook_id: string;
    event_id: string;
    process_id: string;
    /** Order among the deliveries of one lane. */
    position: GeneratedAlways<number>;
    /** The body as it is sent, the same bytes at every attempt. */
    body: string;
    status: Generated<DeliveryStatus>;
    attempts_made: Generated<number>;
    created_at: Generated<string>;
    settled_at: string | null;
  };
  attempts: {
    tenant: string;
    delivery_id: string;
    number: number;
    started_at: string;
    duration_ms: number;
    /** HTTP status; null when no answer came. */
    status: number | null;
    /** Why it does not count as delivered; null when it does. */
    error: string | null;
    /** First characters of the answer's body. */
    answer: string | null;
  };
  delivery_lanes: {
    tenant: string;
    webhook_id: string;
    process_id: string;
    due_at: string;
    claim: string | null;
  };
}
