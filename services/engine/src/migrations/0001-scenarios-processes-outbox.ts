import { tenantTable } from '@handover/database';
import { sql, type Kysely } from 'kysely';
import { crossTenantPolicy } from '../every-tenant.js';

/**
 * Documents are `json`, not `jsonb`: the order of a map's keys is part of the language (process-semantics §11) and of every
 * hash that was computed from it, and `jsonb` would change it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scenarios')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('version', 'text')
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('tags', sql`text[]`, (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('normalised', 'json', (column) => column.notNull())
    .addColumn('disabled', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('scenarios_pk', ['tenant', 'id'])
    .execute();
  await db.schema
    .createIndex('scenarios_by_title')
    .on('scenarios')
    .columns(['tenant', 'disabled', 'title', 'id'])
    .execute();

  await db.schema
    .createTable('processes')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'uuid', (column) => column.notNull())
    .addColumn('scenario', 'uuid', (column) => column.notNull())
    // Number of events: the optimistic lock, and the index of the next event.
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('etag', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('running', 'boolean', (column) => column.notNull())
    // Everything of the process but its scenario and its history.
    .addColumn('snapshot', 'json', (column) => column.notNull())
    // It has an open incident.
    .addColumn('incident', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('processes_pk', ['tenant', 'id'])
    .addForeignKeyConstraint('processes_scenario', ['tenant', 'scenario'], 'scenarios', ['tenant', 'id'])
    // A step rewrites the row: room on its page keeps the update in place (HOT).
    .modifyEnd(sql`with (fillfactor = 50)`)
    .execute();

  await db.schema
    .createTable('events')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('index', 'integer', (column) => column.notNull())
    .addColumn('event', 'json', (column) => column.notNull())
    // What this event did to the log (`previous`): entries added, or the whole log when an update rewrote it.
    .addColumn('log', 'json', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_pk', ['tenant', 'process', 'index'])
    .addForeignKeyConstraint('events_process', ['tenant', 'process'], 'processes', ['tenant', 'id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();

  await db.schema
    .createTable('outbox')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('process', 'uuid', (column) => column.notNull())
    .addColumn('topic', 'text', (column) => column.notNull())
    .addColumn('event', 'json', (column) => column.notNull())
    // Taken by a relay until then; a relay that dies loses its claim.
    .addColumn('claimed_until', 'timestamptz')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.createIndex('outbox_by_process').on('outbox').columns(['process', 'seq']).execute();

  await tenantTable(db, 'scenarios');
  await tenantTable(db, 'processes');
  await tenantTable(db, 'events');
  await tenantTable(db, 'outbox');
  await crossTenantPolicy(db, 'outbox');
}
