import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import { sql, type Kysely } from 'kysely';
import { isServed } from '../accounts/account.repository.js';
import { audit } from '../audit.js';
import type { AuthSchema } from '../database.js';
import { store } from './issue-api-key.js';

const DAYS = 30;

/**
 * Stores the first API key of a tenant: with it all others are issued. Does nothing when the tenant has, or ever had, a key.
 * @param token well-formed; known to the operator alone
 * @returns whether it was stored
 */
export async function storeFirstKey(
  db: Kysely<AuthSchema>,
  log: Logger,
  token: string,
  tenant: string,
): Promise<boolean> {
  const now = new Date();
  const issued = await withTenant(db, tenant, async (tx) => {
    // Replicas that start together take turns, and the later ones find the key there.
    await sql`select pg_advisory_xact_lock(hashtext('handover.first-key'))`.execute(tx);
    const any = await tx.selectFrom('api_keys').select('id').limit(1).executeTakeFirst();
    if (any) return undefined;
    await isServed(tx, tenant);
    const request = {
      name: 'bootstrap',
      description: 'Made on an empty database: issue keys of your own with it, then revoke it.',
      kind: 'global' as const,
      privileges: ['*' as const],
      expiresAt: new Date(now.getTime() + DAYS * 86_400_000),
    };
    return store(tx, request, { tenant, id: 'bootstrap' }, now, token);
  });
  if (!issued) return false;
  audit(log, 'apikey.bootstrapped', { tenant, key: issued.row.id });
  return true;
}
