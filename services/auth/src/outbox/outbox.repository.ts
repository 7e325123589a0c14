import { eventSchema, type HandoverEvent } from '@handover/contracts';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { AuthSchema } from '../database.js';

/** Setting under which the relay sees the outbox of every tenant; no other table has a policy for it. */
export const EVERY_TENANT = 'handover.every_tenant';

/** Adds an announcement to the transaction that makes it true. */
export async function appendToOutbox(tx: Transaction<AuthSchema>, event: HandoverEvent): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ tenant: event.tenantid, event: JSON.stringify(event) })
    .execute();
}

/**
 * Hands the oldest announcements to `publish`, one after the other, and removes those that were taken. One relay at a time
 * holds the rows; another passes them over.
 * @returns how many left; what `publish` threw is thrown after the earlier ones are removed
 */
export function relayOldest(
  db: Kysely<AuthSchema>,
  limit: number,
  publish: (event: HandoverEvent) => Promise<void>,
): Promise<{ readonly sent: number; readonly failure?: unknown }> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config(${EVERY_TENANT}, 'on', true)`.execute(tx);
    const rows = await tx
      .selectFrom('outbox')
      .select(['seq', 'event'])
      .orderBy('seq')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    const sent: number[] = [];
    let failure: unknown;
    for (const { seq, event } of rows) {
      try {
        await publish(eventSchema.parse(event));
        sent.push(seq);
      } catch (error) {
        failure = error;
        break;
      }
    }
    if (sent.length > 0) await tx.deleteFrom('outbox').where('seq', 'in', sent).execute();
    return { sent: sent.length, ...(failure !== undefined && { failure }) };
  });
}
