import { sql, type Kysely } from 'kysely';

/**
 * What is looked up by key can be looked up by the key's index only. Tables that are new, or fill within moments, have no statistics,
 * and without them the planner took the smallest index that begins with the same column: it read all deliveries, or all lanes, of a
 * target for each of them. The indexes for lists and for due lanes are partial now, by conditions that always hold and that only
 * those who list say.
 */
// Breaking: a replica of the version before lists deliveries, and finds due lanes, without these indexes.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const change of CHANGES) await sql.raw(change).execute(db);
}

const CHANGES = [
  `drop index deliveries_by_position`,
  `drop index deliveries_by_process`,
  `drop index deliveries_by_target`,
  `drop index delivery_lanes_of_webhook_due`,
  `create index deliveries_by_position on deliveries (tenant, position) where position > 0`,
  `create index deliveries_by_process on deliveries (tenant, process_id, position) where position > 0`,
  `create index deliveries_by_target on deliveries (tenant, target, position) where position > 0`,
  `create index delivery_lanes_of_target_due on delivery_lanes (target, due_at) where due_at > '-infinity'`,
  // A delivery's id derives from its target and cause: that the same is not stored twice is the primary key's to say.
  `alter table deliveries drop constraint deliveries_tenant_webhook_id_event_id_key`,
] as const;
