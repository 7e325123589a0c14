import { HandoverError, type Principal } from '@handover/contracts';
import type { Transaction } from 'kysely';
import { randomBytes } from 'node:crypto';
import type { AuthSchema } from '../database.js';
import { insertApiKey, type ApiKeyRow } from './api-key.repository.js';
import { requireWithinIssuer, type KeyRequest } from './bounds.js';
import { newToken, tokenHash } from './token.js';

const DEFAULT_DAYS = 30;
const MOST_DAYS = 3_650;
const DAY_MS = 86_400_000;

export interface IssuedKey {
  readonly row: ApiKeyRow;
  /** Known here and to the one it is given to; never stored. */
  readonly token: string;
}

/**
 * Makes a key for a caller who may.
 * @param prefix of its token
 * @throws HandoverError `forbidden` when it would exceed its issuer, `invalid_request` for an expiration out of range
 */
export async function issue(
  tx: Transaction<AuthSchema>,
  request: KeyRequest,
  issuer: Principal,
  prefix: string,
): Promise<IssuedKey> {
  requireWithinIssuer(request, issuer);
  const now = new Date();
  return store(tx, { ...request, expiresAt: expirationOf(request, now) }, issuer, now, newToken(prefix));
}

/** Writes a key down, as its hash. */
export async function store(
  tx: Transaction<AuthSchema>,
  request: Omit<KeyRequest, 'expiration' | 'expirationDays'> & { readonly expiresAt: Date },
  issuer: Pick<Principal, 'tenant' | 'id'>,
  now: Date,
  token: string,
): Promise<IssuedKey> {
  const row: ApiKeyRow = {
    tenant: issuer.tenant,
    id: randomBytes(12).toString('hex'),
    token_hash: tokenHash(token),
    last_four: token.slice(-4),
    name: request.name,
    description: request.description,
    kind: request.kind,
    owner: request.kind === 'user' ? issuer.id : null,
    service: request.service ?? null,
    instance: request.instance ?? null,
    privileges: [...new Set(request.privileges)],
    processes: request.processes ?? null,
    issued_by: issuer.id,
    issued_at: now.toISOString(),
    expires_at: request.expiresAt.toISOString(),
    last_used_at: null,
    revoked_at: null,
  };
  await insertApiKey(tx, { ...row, processes: row.processes && JSON.stringify(row.processes) });
  return { row, token };
}

function expirationOf({ expiration, expirationDays = DEFAULT_DAYS }: KeyRequest, now: Date): Date {
  if (expiration === undefined) return new Date(now.getTime() + expirationDays * DAY_MS);
  const at = Date.parse(expiration);
  if (at > now.getTime() && at <= now.getTime() + MOST_DAYS * DAY_MS) return new Date(at);
  const detail = `must be in the future, and at most ${MOST_DAYS} days from now`;
  throw new HandoverError('invalid_request', 'The body is not valid', { errors: [{ pointer: '/expiration', detail }] });
}
