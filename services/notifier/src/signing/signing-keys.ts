import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type CryptoKey,
  type JWK,
} from 'jose';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { NotifierSchema } from '../database.js';
import type { SecretVault } from '../webhooks/secret.js';

export const JWS_ALGORITHM = 'RS256';

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/**
 * The RSA keys of this installation that sign webhooks for receivers who verify by public key. Private halves are kept in the
 * database, sealed: receivers keep the public ones for long, so a restart must not change them.
 */
export interface SigningKeys {
  /** The key to sign with now, made when there is none. */
  current(): Promise<SigningKey>;
  /** Public halves, the newest first: of the key that signs, the one before it and the one after it. */
  published(): Promise<JWK[]>;
}

const DAY_MS = 86_400_000;
/** A key is followed by another at this age. The one before it stays published until then. */
const SIGNS_FOR_MS = 90 * DAY_MS;
/** So long a key is published before it signs: receivers may keep the set for this time. */
const ANNOUNCED_FOR_MS = 3_600_000;
/** What was read is used again for this long, far shorter than a key is announced. */
const REMEMBERED_FOR_MS = 60_000;

interface Row {
  readonly kid: string;
  readonly public_jwk: JWK;
  readonly sealed: Buffer;
  /** Milliseconds. */
  readonly age: number;
}

/** @param now milliseconds, for tests of what happens later */
export function createSigningKeys(db: Kysely<NotifierSchema>, vault: SecretVault, now = Date.now): SigningKeys {
  const opened = new Map<string, Promise<SigningKey>>();
  let remembered: { readonly rows: Promise<Row[]>; readonly until: number } | undefined;

  const remember = (rows: Promise<Row[]>): Promise<Row[]> => {
    const entry = { rows, until: now() + REMEMBERED_FOR_MS };
    remembered = entry;
    rows.catch(() => {
      if (remembered === entry) remembered = undefined;
    });
    return rows;
  };
  const look = (): Promise<Row[]> =>
    remembered && remembered.until > now() ? remembered.rows : remember(findKeys(db, now()));

  return {
    async current() {
      let rows = await look();
      if (isDue(rows)) rows = await remember(addKey(db, vault, now()));
      const row = rows.find(({ age }) => age >= ANNOUNCED_FOR_MS) ?? rows.at(-1);
      if (!row) throw new Error('there is no key to sign with');
      const known = opened.get(row.kid) ?? open(row, vault);
      opened.set(row.kid, known);
      return known;
    },
    published: async () => (await look()).map(({ public_jwk }) => public_jwk),
  };
}

/** @param rows newest first */
const isDue = ([newest]: readonly Row[]): boolean => newest === undefined || newest.age >= SIGNS_FOR_MS;
const ownerOfKey = (kid: string): string => JSON.stringify(['signing-key', kid]);

async function open({ kid, sealed }: Row, vault: SecretVault): Promise<SigningKey> {
  return { kid, privateKey: await importPKCS8(vault.open(sealed, ownerOfKey(kid)), JWS_ALGORITHM) };
}

function findKeys(db: Kysely<NotifierSchema>, now: number): Promise<Row[]> {
  return db
    .selectFrom('signing_keys')
    .select(['kid', 'public_jwk', 'sealed'])
    .select(sql<number>`${now}::float8 - extract(epoch from created_at) * 1000`.as('age'))
    .orderBy('created_at', 'desc')
    .execute();
}

/** Makes the next key, unless another replica was quicker, and forgets those before the one it follows. @returns all */
function addKey(db: Kysely<NotifierSchema>, vault: SecretVault, now: number): Promise<Row[]> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('handover.notifier.signing-keys'))`.execute(tx);
    const rows = await findKeys(tx, now);
    if (!isDue(rows)) return rows;
    await tx
      .deleteFrom('signing_keys')
      .where('kid', '<>', rows[0]?.kid ?? '')
      .execute();
    await insertKey(tx, vault, now);
    return findKeys(tx, now);
  });
}

async function insertKey(tx: Transaction<NotifierSchema>, vault: SecretVault, now: number): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair(JWS_ALGORITHM, { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  await tx
    .insertInto('signing_keys')
    .values({
      kid,
      public_jwk: JSON.stringify({ ...jwk, kid, alg: JWS_ALGORITHM, use: 'sig' }),
      sealed: vault.seal(await exportPKCS8(privateKey), ownerOfKey(kid)),
      created_at: new Date(now).toISOString(),
    })
    .execute();
}
