import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';

/** Services beside webhooks: a delivery has a target, which is one or the other; a service may answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const change of CHANGES) await sql.raw(change).execute(db);
  await tenantTable(db, 'services');
}

const OPEN = `status in ('pending', 'waiting', 'replied') or announce is not null`;

const CHANGES = [
  // A target is the id of a webhook, or 'service:<name>@<tenant>': unique over all tenants, as lanes need it.
  `alter table deliveries drop constraint deliveries_tenant_webhook_id_fkey`,
  `alter table deliveries rename column webhook_id to target`,
  `alter table deliveries rename column event_id to cause`,
  `alter table deliveries drop constraint deliveries_status_check`,
  `alter table deliveries add constraint deliveries_status_check
     check (status in ('pending', 'waiting', 'replied', 'delivered', 'failed', 'cancelled'))`,
  // What a service is told, beside the body: ids, and the right to answer. Null for webhooks.
  `alter table deliveries add column notification json`,
  `alter table deliveries add column reply json`,
  `alter table deliveries add column reply_status text check (reply_status in ('awaited', 'received', 'applied', 'refused'))`,
  `alter table deliveries add column reply_reason text`,
  `alter table deliveries add column reply_due_at timestamptz(3)`,
  // Attempts before the latest retry by hand: the schedule starts anew with it.
  `alter table deliveries add column attempts_before integer not null default 0`,
  // An event that is still to be announced.
  `alter table deliveries add column announce text check (announce in ('delivery.failed', 'delivery.reply-refused'))`,
  `drop index deliveries_pending`,
  `create index deliveries_open on deliveries (tenant, target, process_id, position) where ${OPEN}`,
  `create index deliveries_by_position on deliveries (tenant, position)`,
  `create index deliveries_by_process on deliveries (tenant, process_id, position)`,
  `create index deliveries_by_target on deliveries (tenant, target, position)`,
  `create index deliveries_settled on deliveries (tenant, settled_at) where settled_at is not null`,
  `alter table attempts drop constraint attempts_tenant_delivery_id_fkey`,
  `alter table attempts add constraint attempts_delivery
     foreign key (tenant, delivery_id) references deliveries (tenant, id) on delete cascade`,

  `alter table delivery_lanes rename column webhook_id to target`,

  `create table services (
    tenant text not null,
    name text not null,
    provider text not null,
    shown json not null,
    sealed bytea not null,
    updated_at timestamptz(3) not null default now(),
    primary key (tenant, name)
  )`,

  // As lanes, the tables below are read across tenants and so hold ids and times only.
  `create table circuits (
    target text primary key,
    failures integer not null,
    open_until timestamptz(3)
  )`,
  `create table reply_queues (
    tenant text not null,
    name text not null,
    primary key (tenant, name)
  )`,
  `create table awaited_replies (
    delivery_id text primary key,
    tenant text not null,
    target text not null
  )`,
  `create table delivery_tenants (tenant text primary key)`,
] as const;
