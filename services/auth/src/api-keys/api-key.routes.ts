import type { Bus } from '@handover/bus';
import {
  HandoverError,
  REVOCATION_CHANNEL,
  holds,
  issueApiKey,
  listApiKeys,
  revokeApiKey,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type Privilege,
  type RequestContract,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { idsOf, route, type Logger, type PrincipalVerifier, type RequestRoute } from '@handover/runtime';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import { audit } from '../audit.js';
import type { AuthSchema } from '../database.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { announceKey } from './announce-key.js';
import { markRevoked, selectApiKeys, shown } from './api-key.repository.js';
import type { KeyRequest } from './bounds.js';
import { issue } from './issue-api-key.js';
import { insertRevocation } from './revocations.js';

export interface ApiKeyPorts {
  readonly db: Kysely<AuthSchema>;
  readonly bus: Bus;
  readonly log: Logger;
  readonly verifier: PrincipalVerifier;
  /** Of new tokens. */
  readonly prefix: string;
  /** Told that an announcement was committed. */
  readonly announced: () => void;
}

/** Requests about API keys. The tenant is always the signed principal's, whatever else a message says. */
export function apiKeyRoutes(ports: ApiKeyPorts): RequestRoute[] {
  const guarded = <C extends RequestContract>(
    contract: C,
    anyOf: readonly Privilege[],
    handle: (body: BodyOf<C>, principal: Principal, log: Logger) => Promise<AnswerOf<C>>,
  ): RequestRoute =>
    route(contract, async (body, delivery) => {
      const principal = await ports.verifier.verify(delivery.headers.principal);
      if (!anyOf.some((privilege) => holds(principal, privilege))) {
        throw new HandoverError('forbidden', `This needs the privilege '${anyOf.join("' or '")}'`);
      }
      return handle(body, principal, ports.log.child({ ...idsOf(delivery), tenant: principal.tenant }));
    });

  return [
    guarded(issueApiKey, ['apikey:issue'], (body, principal, log) => issueFor({ ...ports, log }, body, principal)),
    guarded(listApiKeys, ['apikey:issue', 'apikey:revoke'], async (_, { tenant }) => {
      const rows = await withTenant(ports.db, tenant, (tx) => selectApiKeys(tx));
      return { keys: rows.map((row) => shown(row)) };
    }),
    guarded(revokeApiKey, ['apikey:revoke'], ({ id }, principal, log) => revoke({ ...ports, log }, id, principal)),
  ];
}

async function issueFor({ db, log, prefix, announced }: ApiKeyPorts, request: KeyRequest, issuer: Principal) {
  const { row, token } = await withTenant(db, issuer.tenant, async (tx) => {
    const issued = await issue(tx, request, issuer, prefix);
    await appendToOutbox(tx, announceKey('apikey.issued', issued.row, issuer.id));
    return issued;
  });
  announced();
  const { id, kind, privileges, expires_at: expires } = row;
  audit(log, 'apikey.issued', { key: id, by: issuer.id, kind, privileges, expires });
  return shown(row, token);
}

/** Revokes for good: committed, then told to everybody. */
async function revoke({ db, bus, log, announced }: ApiKeyPorts, id: string, { tenant, id: by }: Principal) {
  const outcome = await withTenant(db, tenant, async (tx) => {
    const marked = await markRevoked(tx, id);
    if (marked === 'unknown' || marked === 'already') return marked;
    await insertRevocation(tx, id);
    await appendToOutbox(tx, announceKey('apikey.revoked', marked, by));
    return 'now';
  });
  if (outcome === 'unknown') throw new HandoverError('api_key_not_found', 'API key not found');
  if (outcome === 'now') {
    audit(log, 'apikey.revoked', { key: id, by });
    announced();
  }
  // Also when it was revoked before: whoever asks again may have seen it still in use.
  const { channel, type } = REVOCATION_CHANNEL;
  await bus.broadcast(channel, { id: randomUUID(), type, headers: {}, body: {} }).catch((error: unknown) => {
    log.warn({ err: error, key: id }, 'a revocation could not be broadcast; it takes effect within seconds');
  });
  return {};
}
