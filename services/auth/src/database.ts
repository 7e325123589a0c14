import type { Generated, JSONColumnType } from 'kysely';
import type { JWK } from 'jose';

/** Tables of the schema `auth`, as queries see them. */
export interface AuthSchema {
  signing_keys: {
    kid: string;
    public_jwk: JSONColumnType<JWK>;
    created_at: Generated<Date>;
    expires_at: Date;
  };
}
