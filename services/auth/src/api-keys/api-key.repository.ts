import type { ApiKey } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { sql, type Insertable, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { AuthSchema } from '../database.js';

type Tx = Transaction<AuthSchema>;

export type ApiKeyRow = Selectable<AuthSchema['api_keys']>;

export async function insertApiKey(tx: Tx, row: Insertable<AuthSchema['api_keys']>): Promise<void> {
  await tx.insertInto('api_keys').values(row).execute();
}

/** All keys of the tenant, the newest first. */
export function selectApiKeys(tx: Tx): Promise<ApiKeyRow[]> {
  return tx.selectFrom('api_keys').selectAll().orderBy('issued_at', 'desc').orderBy('id').execute();
}

/** The key with this token, of whatever tenant, in whatever condition. Sees no other row (policy `presented`). */
export function findPresentedKey(db: Kysely<AuthSchema>, hash: Buffer): Promise<ApiKeyRow | undefined> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('handover.token_hash', ${hash.toString('hex')}, true)`.execute(tx);
    return tx.selectFrom('api_keys').selectAll().where('token_hash', '=', hash).executeTakeFirst();
  });
}

/** @returns the key, when it was this call that revoked it; otherwise whether it is revoked already or does not exist */
export async function markRevoked(tx: Tx, id: string): Promise<ApiKeyRow | 'unknown' | 'already'> {
  const revoked = await tx
    .updateTable('api_keys')
    .set({ revoked_at: sql<string>`now()` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (revoked) return revoked;
  const known = await tx.selectFrom('api_keys').select('id').where('id', '=', id).executeTakeFirst();
  return known ? 'already' : 'unknown';
}

/** Whether a tenant's key was revoked, ever, or does not exist. */
export async function isRevoked(db: Kysely<AuthSchema>, tenant: string, id: string): Promise<boolean> {
  const key = await withTenant(db, tenant, (tx) =>
    tx.selectFrom('api_keys').select('revoked_at').where('id', '=', id).executeTakeFirst(),
  );
  return key?.revoked_at !== null;
}

/** Notes when keys were last used. An earlier time than the one on record changes nothing. */
export async function noteUses(tx: Tx, uses: ReadonlyMap<string, Date>): Promise<void> {
  const ids = [...uses.keys()];
  const times = [...uses.values()].map((time) => time.toISOString());
  await sql`
    update api_keys set last_used_at = greatest(last_used_at, uses.at)
    from unnest(${ids}::text[], ${times}::timestamptz[]) as uses (id, at)
    where api_keys.id = uses.id`.execute(tx);
}

const DAY_MS = 86_400_000;

/** A key as its tenant sees it. @param token shown in place of its last four characters: to its issuer, once */
export function shown(row: ApiKeyRow, token = row.last_four): ApiKey {
  return {
    id: row.id,
    token,
    name: row.name,
    description: row.description,
    issued: row.issued_at,
    expirationDays: Math.ceil((Date.parse(row.expires_at) - Date.parse(row.issued_at)) / DAY_MS),
    expiration: row.expires_at,
    ...(row.last_used_at !== null && { lastUsed: row.last_used_at }),
    ...(row.revoked_at !== null && { revoked: row.revoked_at }),
    kind: row.kind,
    ...(row.owner !== null && { owner: row.owner }),
    ...(row.service !== null && { service: row.service }),
    ...(row.instance !== null && { instance: row.instance }),
    privileges: row.privileges,
    ...(row.processes !== null && { processes: row.processes }),
  };
}
