import { withTenant } from '@handover/database';
import { isServed, recordAccount } from '../accounts/account.repository.js';
import type { Identified, IdentifyPorts } from './identified.js';
import { Refusal } from './refusal.js';
import { userPrincipal } from './user-principal.js';

/**
 * A user by the token of a configured issuer. What it says of the user is kept, for the keys that are bound to them.
 * @throws Refusal
 */
export async function byJwt(token: string, { config, db, jwts }: IdentifyPorts): Promise<Identified> {
  const { tenant, account, issuedAt, expiresAt } = await jwts.read(token);
  await withTenant(db, tenant, async (tx) => {
    if (!(await isServed(tx, tenant))) throw new Refusal('the tenant is suspended', { tenant, user: account.id });
    await recordAccount(tx, tenant, account, issuedAt);
  });
  return { principal: userPrincipal(tenant, account, config.AUTH_ROLES), until: expiresAt };
}
