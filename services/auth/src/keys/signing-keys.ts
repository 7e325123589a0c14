import { sql, type Kysely } from 'kysely';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import type { AuthSchema } from '../database.js';

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/**
 * The Ed25519 keys that sign principals. A private key never leaves the memory of the process that made it; its public
 * half is published in the database, so that every replica of auth can hand out every key in force.
 */
export interface SigningKeys {
  /** The key to sign with now; a new one twice a day. */
  current(): Promise<SigningKey>;
  /** Public halves of all keys in force, of every replica. */
  published(): Promise<JWK[]>;
}

const SIGNS_FOR_MS = 12 * 3_600_000;

export function createSigningKeys(db: Kysely<AuthSchema>): SigningKeys {
  let key: Promise<SigningKey> | undefined;
  let madeAt = 0;

  return {
    current() {
      if (key === undefined || Date.now() - madeAt > SIGNS_FOR_MS) {
        madeAt = Date.now();
        const made = makeKey(db);
        key = made;
        made.catch(() => {
          if (key === made) key = undefined;
        });
      }
      return key;
    },

    async published() {
      const rows = await db
        .selectFrom('signing_keys')
        .select('public_jwk')
        .where('expires_at', '>', sql<string>`now()`)
        .execute();
      return rows.map((row) => row.public_jwk);
    },
  };
}

/** Makes a key and publishes its public half before anything can be signed with it. */
async function makeKey(db: Kysely<AuthSchema>): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  await db
    .deleteFrom('signing_keys')
    .where('expires_at', '<', sql<string>`now()`)
    .execute();
  await db
    .insertInto('signing_keys')
    .values({
      kid,
      public_jwk: JSON.stringify({ ...jwk, kid, alg: 'EdDSA', use: 'sig' }),
      // Longer than it signs, so that what it signed last can still be verified.
      expires_at: sql<string>`now() + interval '1 day'`,
    })
    .execute();
  return { kid, privateKey };
}
