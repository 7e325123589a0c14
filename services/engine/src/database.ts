import type { LogChange, ProcessEvent, ProcessSnapshot } from '@handover/process';
import type { ColumnType, Generated } from 'kysely';

/** A `json` column: parsed on reading, written as text whose key order is kept. */
type Json<T> = ColumnType<T, string, string>;
type Instant = ColumnType<string, string, string>;
type InstantByDefault = ColumnType<string, string | undefined, string>;

/** Tables of the schema `engine`, as queries see them. */
export interface EngineSchema {
  scenarios: {
    tenant: string;
    id: string;
    name: string | null;
    version: string | null;
    title: string;
    description: string;
    tags: string[];
    source: string;
    format: string;
    normalised: Json<Record<string, unknown>>;
    disabled: Generated<boolean>;
    created_at: InstantByDefault;
  };
  processes: {
    tenant: string;
    id: string;
    scenario: string;
    version: number;
    etag: string;
    state: string;
    running: boolean;
    snapshot: Json<ProcessSnapshot>;
    incident: Generated<boolean>;
    created_at: Instant;
    updated_at: Instant;
  };
  events: {
    tenant: string;
    process: string;
    index: number;
    event: Json<ProcessEvent>;
    log: Json<LogChange>;
  };
  outbox: {
    seq: Generated<number>;
    tenant: string;
    process: string;
    topic: string;
    event: Json<Record<string, unknown>>;
    claimed_until: Instant | null;
    attempts: Generated<number>;
  };
  timers: {
    tenant: string;
    process: string;
    due_at: Instant;
    claimed_until: Instant | null;
  };
  incidents: {
    tenant: string;
    id: string;
    process: string;
    code: string;
    message: string;
    etag: string;
    opened_at: InstantByDefault;
    closed_at: Instant | null;
  };
  idempotency: {
    tenant: string;
    key: string;
    fingerprint: string;
    outcome: Json<StoredOutcome>;
    created_at: InstantByDefault;
  };
}

/** The answer to a command as it is kept: a contract's answer, or a problem. */
export interface StoredOutcome {
  readonly status: 'ok' | 'problem';
  readonly body: unknown;
}
