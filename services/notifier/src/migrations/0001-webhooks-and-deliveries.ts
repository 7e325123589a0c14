import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** Subscriptions, what is to be delivered to them, every attempt at it, and the queue of lanes the dispatcher works on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const create of [webhooks, deliveries, pendingDeliveries, attempts, lanes, lanesDue, lanesOfWebhookDue]) {
    await create.execute(db);
  }
  for (const table of ['webhooks', 'deliveries', 'attempts']) await tenantTable(db, table);
}

const webhooks = sql`
  create table webhooks (
    tenant text not null,
    id text not null,
    url text not null,
    events text[] not null,
    secret bytea not null,
    created_at timestamptz(3) not null default now(),
    disabled_at timestamptz(3),
    disabled_reason text,
    deleted_at timestamptz(3),
    primary key (tenant, id)
  )`;

// The unique constraint makes a redelivered event harmless: it finds its deliveries already there.
const deliveries = sql`
  create table deliveries (
    tenant text not null,
    id text not null,
    webhook_id text not null,
    event_id text not null,
    process_id text not null,
    position bigint not null generated always as identity,
    body text not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'cancelled')),
    attempts_made integer not null default 0,
    created_at timestamptz(3) not null default now(),
    settled_at timestamptz(3),
    primary key (tenant, id),
    unique (tenant, webhook_id, event_id),
    foreign key (tenant, webhook_id) references webhooks (tenant, id)
  )`;

const pendingDeliveries = sql`
  create index deliveries_pending on deliveries (tenant, webhook_id, process_id, position) where status = 'pending'`;

const attempts = sql`
  create table attempts (
    tenant text not null,
    delivery_id text not null,
    number integer not null,
    started_at timestamptz(3) not null,
    duration_ms integer not null,
    status integer,
    error text,
    answer text,
    primary key (tenant, delivery_id, number),
    foreign key (tenant, delivery_id) references deliveries (tenant, id)
  )`;

// Not a tenant table: the dispatcher looks for due work of all tenants at once, with a role that must not bypass row-level
// security. So a lane holds ids and times only; whatever it leads to is read within its tenant.
const lanes = sql`
  create table delivery_lanes (
    tenant text not null,
    webhook_id text not null,
    process_id text not null,
    due_at timestamptz(3) not null,
    claim uuid,
    primary key (webhook_id, process_id)
  )`;

const lanesDue = sql`create index delivery_lanes_due on delivery_lanes (due_at)`;

const lanesOfWebhookDue = sql`create index delivery_lanes_of_webhook_due on delivery_lanes (webhook_id, due_at)`;
