import type { MigrationSelection, PostedCommand, Principal } from '@handover/contracts';
import type { EventActor, LogChange, ProcessEvent, ProcessSnapshot } from '@handover/process';
import type { JsonSchema } from '@handover/scenario';
import type { ColumnType, Generated } from 'kysely';
import type { ReplyRight } from './notifications/capability.js';
import type { Waiting } from './notifications/notification.js';

/** A `json` column: parsed on reading, written as text whose key order is kept. */
type Json<T> = ColumnType<T, string, string>;
type Instant = ColumnType<string, string, string>;
type InstantByDefault = ColumnType<string, string | undefined, string>;

/** A service's reply that an incident keeps. */
export interface HeldReply {
  readonly right: ReplyRight;
  /** Absent when the service said nothing but that it is done. */
  readonly response?: unknown;
}

/** Tables of the schema `engine`, as queries see them. */
export interface EngineSchema {
  scenarios: {
    tenant: string;
    id: string;
    name: string | null;
    version: string | null;
    /** Sorts by code points as versions do. */
    version_rank: Generated<string>;
    title: string;
    description: string;
    tags: string[];
    source: string;
    format: string;
    normalised: Json<Record<string, unknown>>;
    /** By id: every schema it needs, as it was when the scenario was stored. */
    schemas: Json<Readonly<Record<string, JsonSchema>>> | null;
    disabled: Generated<boolean>;
    created_at: InstantByDefault;
  };
  schemas: {
    tenant: string;
    id: string;
    version: Generated<number>;
    document: Json<JsonSchema>;
    updated_at: InstantByDefault;
  };
  processes: {
    tenant: string;
    id: string;
    scenario: string;
    version: number;
    repairs: Generated<number>;
    etag: string;
    state: string;
    running: boolean;
    snapshot: Json<ProcessSnapshot>;
    incident: Generated<boolean>;
    created_at: Instant;
    updated_at: Instant;
  };
  process_terms: {
    tenant: string;
    process: string;
    term: string;
    /** What the title is sorted by. */
    title: string;
    created_at: Instant;
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
    claimed_by: string | null;
    attempts: Generated<number>;
  };
  timers: {
    tenant: string;
    process: string;
    due_at: Instant;
    claimed_until: Instant | null;
    restless: Generated<number>;
  };
  delayed_notifications: {
    tenant: string;
    id: string;
    process: string;
    due_at: Instant;
    claimed_until: Instant | null;
    notification: Json<Waiting>;
  };
  reply_keys: {
    id: string;
    key: Buffer;
    created_at: InstantByDefault;
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
    reply: ColumnType<HeldReply | null, string | undefined, never>;
  };
  process_migrations: {
    tenant: string;
    id: string;
    selection: Json<MigrationSelection>;
    target: string;
    dry_run: boolean;
    actor: Json<EventActor>;
    idempotency_key: string | null;
    fingerprint: string | null;
    planned: Generated<boolean>;
    cursor: string | null;
    total: Generated<number>;
    examined: Generated<number>;
    fits: Generated<number>;
    migrated: Generated<number>;
    claimed_until: Instant | null;
    created_at: InstantByDefault;
    finished_at: Instant | null;
  };
  process_migration_items: {
    tenant: string;
    migration: string;
    process: string;
    state: string;
    fits: boolean | null;
    migrated: Generated<boolean>;
    new_state: string | null;
    reasons: Generated<string[]>;
  };
  engine_actions: {
    tenant: string;
    id: string;
    process: string;
    child: string;
    started: Generated<boolean>;
    failed: Generated<boolean>;
    state: string;
    entered: string;
    delayed: boolean;
    message: Json<unknown>;
    depth: Generated<number>;
    root: string | null;
    due_at: Instant | null;
    claimed_until: Instant | null;
  };
  engine_action_counts: {
    tenant: string;
    root: string;
    count: Generated<number>;
    since: Generated<Instant>;
  };
  endings: {
    tenant: string;
    process: string;
    ended_at: Instant;
    archived: Generated<boolean>;
    claimed_until: Instant | null;
  };
  archived_processes: {
    tenant: string;
    id: string;
    scenario: string;
    content: Buffer;
    archived_at: InstantByDefault;
  };
  commands: {
    tenant: string;
    id: string;
    seq: Generated<number>;
    type: PostedCommand;
    subject: string | null;
    owner: string;
    principal: Json<Principal>;
    body: Json<unknown>;
    idempotency_key: string | null;
    fingerprint: string;
    request_id: string | null;
    traceparent: string | null;
    due_at: InstantByDefault;
    attempts: Generated<number>;
    outcome: Json<StoredOutcome> | null;
    created_at: InstantByDefault;
    finished_at: Instant | null;
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
