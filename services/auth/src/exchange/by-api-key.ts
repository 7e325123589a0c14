import { holds, type Principal, type PrincipalKey, type Privilege } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { findAccount, isServed, type Account } from '../accounts/account.repository.js';
import { findPresentedKey, type ApiKeyRow } from '../api-keys/api-key.repository.js';
import { isWellFormed, tokenHash } from '../api-keys/token.js';
import type { RoleMap } from '../config.js';
import type { Identified, IdentifyPorts } from './identified.js';
import { Refusal } from './refusal.js';
import { userPrincipal } from './user-principal.js';

/** A key is looked at again at least this often: so old may its last use, or its owner's privileges, be. */
const KEY_TTL_MS = 60_000;

/**
 * An API key that is known, neither revoked nor expired, and of a tenant that is served.
 * @throws Refusal; a token with a wrong checksum is refused before the database is asked
 */
export async function byApiKey(token: string, { config, db, lastUsed }: IdentifyPorts): Promise<Identified> {
  if (!isWellFormed(token, config.API_KEY_PREFIX)) throw new Refusal('the checksum is wrong');
  const row = await findPresentedKey(db, tokenHash(token));
  if (!row) throw new Refusal('there is no such key');
  const facts = { tenant: row.tenant, key: row.id };
  if (row.revoked_at !== null) throw new Refusal('the key is revoked', facts);
  if (Date.parse(row.expires_at) <= Date.now()) throw new Refusal('the key has expired', facts);

  const owner = await withTenant(db, row.tenant, async (tx) => {
    if (!(await isServed(tx, row.tenant))) throw new Refusal('the tenant is suspended', facts);
    return row.owner === null ? undefined : findAccount(tx, row.owner);
  });
  lastUsed.note(row.tenant, row.id);
  const until = new Date(Math.min(Date.parse(row.expires_at), Date.now() + KEY_TTL_MS));
  return { principal: keyPrincipal(row, owner, config.AUTH_ROLES), until };
}

/** A key as a principal. Bound to a user, it is that user, with no privilege but those both have. */
export function keyPrincipal(row: ApiKeyRow, owner: Account | undefined, map: RoleMap): Principal {
  const key: PrincipalKey = {
    id: row.id,
    kind: row.kind,
    ...(row.service !== null && { service: row.service }),
    ...(row.instance !== null && { instance: row.instance }),
    ...(row.processes !== null && { processes: row.processes }),
  };
  if (row.kind === 'user') {
    if (!owner) throw new Refusal('the owner of the key is not known', { tenant: row.tenant, key: row.id });
    const user = userPrincipal(row.tenant, owner, map);
    return { ...user, kind: 'key', privileges: common(row.privileges, user.privileges), key };
  }
  const id = row.kind === 'proxy' ? `agent:${row.instance ?? ''}` : `key:${row.id}`;
  return { tenant: row.tenant, kind: 'key', id, info: {}, roles: [], privileges: row.privileges, key };
}

/** The privileges two holders have in common, where `*` is all of them. */
function common(one: readonly Privilege[], other: readonly Privilege[]): Privilege[] {
  const shared = [
    ...one.filter((privilege) => holds({ privileges: [...other] }, privilege)),
    ...other.filter((privilege) => holds({ privileges: [...one] }, privilege)),
  ];
  return [...new Set(shared)];
}
