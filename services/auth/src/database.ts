import type { ApiKeyKind, Privilege, ProcessRestriction } from '@handover/contracts';
import type { JWK } from 'jose';
import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** Read as ISO 8601. */
type Instant = ColumnType<string, string | Date, string | Date>;
type InstantByDefault = ColumnType<string, string | Date | undefined, string | Date>;

/** Tables of the schema `auth`, as queries see them. */
export interface AuthSchema {
  signing_keys: {
    kid: string;
    public_jwk: JSONColumnType<JWK>;
    created_at: InstantByDefault;
    expires_at: Instant;
  };
  tenants: {
    id: string;
    created_at: InstantByDefault;
    suspended_at: Instant | null;
  };
  accounts: {
    tenant: string;
    id: string;
    info: JSONColumnType<Record<string, unknown>>;
    roles: string[];
    stated_at: Instant;
  };
  api_keys: {
    tenant: string;
    id: string;
    token_hash: Buffer;
    last_four: string;
    name: string;
    description: string;
    kind: ApiKeyKind;
    owner: string | null;
    service: string | null;
    instance: string | null;
    privileges: Privilege[];
    processes: ColumnType<ProcessRestriction[] | null, string | null, never>;
    issued_by: string;
    issued_at: Instant;
    expires_at: Instant;
    last_used_at: Instant | null;
    revoked_at: Instant | null;
  };
  outbox: {
    seq: Generated<number>;
    tenant: string;
    event: ColumnType<unknown, string, never>;
  };
  revocations: {
    key: string;
    revoked_at: Generated<Date>;
  };
}
