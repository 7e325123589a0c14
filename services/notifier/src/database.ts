import type { Notification, ServiceConfig, WebhookSigning } from '@handover/contracts';
import type { JWK } from 'jose';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/**
 * What became of a delivery: its service does not exist yet, still to be made, answered and to be handed in, made, given up
 * after the last attempt or for good reason, or no longer wanted.
 */
export type DeliveryStatus = 'waiting' | 'pending' | 'replied' | 'delivered' | 'failed' | 'cancelled';

/** An event that is to be announced about a delivery; `webhook.disabled` comes with a `delivery.failed`. */
export type Announcement = 'delivery.failed' | 'delivery.reply-refused' | 'webhook.disabled';

/** What is known of a notification beside its message. */
export type NotificationFacts = Omit<Notification, 'message' | 'tenant' | 'process'> & {
  /** The right to answer it. */
  readonly capability: string;
  /** Whether the message is a text, which is sent as it is. */
  readonly isText: boolean;
};

/** A `json` column: parsed on reading, written as text. */
type Json<T> = ColumnType<T, string, string>;

/** Tables of the schema `notifier`, as queries see them. Times are read as ISO 8601 text. */
export interface NotifierSchema {
  webhooks: {
    tenant: string;
    id: string;
    url: string;
    events: string[];
    /** Sealed, see `webhooks/secret.ts`. */
    secret: Buffer;
    /** Names or ids; null: of all. */
    scenarios: string[] | null;
    description: string | null;
    signing: ColumnType<WebhookSigning, WebhookSigning | undefined>;
    /** `whpk_…` of the key pair sealed with the secret, if there is one. */
    public_key: string | null;
    /** Headers of its owner's, masked, and as they are. */
    headers: ColumnType<Readonly<Record<string, string>> | null, string | null, string | null>;
    sealed_headers: Buffer | null;
    created_at: Generated<string>;
    disabled_at: string | null;
    disabled_reason: string | null;
    deleted_at: string | null;
  };
  /** Secrets that sign beside the current one for a while. */
  retired_secrets: {
    tenant: string;
    webhook_id: string;
    secret: Buffer;
    valid_until: string;
  };
  /** Of the installation, see `signing/signing-keys.ts`. */
  signing_keys: {
    kid: string;
    public_jwk: Json<JWK>;
    sealed: Buffer;
    created_at: string;
  };
  services: {
    tenant: string;
    name: string;
    provider: ServiceConfig['provider'];
    /** Its configuration without secrets. */
    shown: Json<Record<string, unknown>>;
    /** Its configuration, sealed. */
    sealed: Buffer;
    updated_at: Generated<string>;
  };
  deliveries: {
    tenant: string;
    id: string;
    /** See `targets/target.ts`. */
    target: string;
    /** Id of the event or notification. */
    cause: string;
    process_id: string;
    /** Type of the event it carries; null for notifications. */
    event: ColumnType<string | null, string | null, never>;
    /** W3C trace context of what caused it. */
    traceparent: ColumnType<string | null, string | null, never>;
    /** Order among the deliveries of one lane. */
    position: GeneratedAlways<number>;
    /** The body as it is sent, the same bytes at every attempt. */
    body: string;
    status: Generated<DeliveryStatus>;
    attempts_made: Generated<number>;
    attempts_before: Generated<number>;
    notification: ColumnType<NotificationFacts | null, string | null, never>;
    reply: ColumnType<{ readonly value?: unknown } | null, string | null, string | null>;
    reply_status: 'awaited' | 'received' | 'applied' | 'refused' | null;
    reply_reason: string | null;
    reply_due_at: string | null;
    announce: Announcement | null;
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
    target: string;
    process_id: string;
    due_at: string;
    claim: string | null;
  };
  circuits: { target: string; failures: number; open_until: string | null; failing_since: Generated<string> };
  reply_queues: { tenant: string; name: string };
  awaited_replies: { delivery_id: string; tenant: string; target: string };
  delivery_tenants: { tenant: string };
}
