import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';

const BATCH = 500;
const INTERVAL_MS = 60_000;

/** Forgets deliveries that were settled more than `days` ago, with their attempts. @returns how many, of all tenants */
export async function forgetDeliveries(db: Kysely<NotifierSchema>, days: number): Promise<number> {
  let forgotten = 0;
  for (const { tenant } of await db.selectFrom('delivery_tenants').select('tenant').execute()) {
    for (let batch = BATCH; batch === BATCH;) {
      batch = await withTenant(db, tenant, (tx) => forgetSome(tx, days));
      forgotten += batch;
    }
  }
  return forgotten;
}

async function forgetSome(tx: Transaction<NotifierSchema>, days: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    delete from deliveries where (tenant, id) in (
      select tenant, id from deliveries
      where settled_at < now() - ${days} * interval '1 day' and announce is null and status <> 'replied'
      order by settled_at limit ${BATCH}
    ) returning id`.execute(tx);
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) {
    await tx.deleteFrom('attempts').where('delivery_id', 'in', ids).execute();
    await tx.deleteFrom('awaited_replies').where('delivery_id', 'in', ids).execute();
  }
  return ids.length;
}

/** Clears up once a minute, in bounded batches. */
export function startRetention(db: Kysely<NotifierSchema>, log: Logger, days: number): { stop(): Promise<void> } {
  let inHand: Promise<void> = Promise.resolve();
  const clear = async (): Promise<void> => {
    try {
      const forgotten = await forgetDeliveries(db, days);
      if (forgotten > 0) log.info({ forgotten }, 'settled deliveries were forgotten');
    } catch (error) {
      log.warn({ err: error }, 'settled deliveries cannot be forgotten');
    }
  };
  const timer = setInterval(() => {
    inHand = inHand.then(clear);
  }, INTERVAL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await inHand;
    },
  };
}
