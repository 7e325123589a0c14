import { HandoverError } from '@handover/contracts';
import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';
import type { Account } from '../accounts/account.repository.js';
import { keyOf, type Issuer } from './issuer.js';
import { Refusal } from './refusal.js';

/** What a verified token says. */
export interface Statement {
  readonly tenant: string;
  readonly account: Account;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Verifies the tokens of the configured issuers. */
export interface JwtReader {
  /** @throws Refusal; HandoverError `unavailable` when the issuer's keys cannot be had */
  read(token: string): Promise<Statement>;
}

/** Ids that begin like these belong to keys and agents: nobody becomes one of them by a claim. */
const RESERVED_ID = /^(key|agent|service):/;

/** Claims of a user's token (engine-service §4.2); `sub` serves where `id` is missing, one role may be a plain string. */
const claimsSchema = z.object({
  id: z.string().min(1).max(500).nullish(),
  sub: z.string().min(1).max(500).nullish(),
  tenant: z.string().min(1).max(100).nullish(),
  roles: z
    .union([z.string().transform((role) => [role]), z.array(z.string())])
    .nullish()
    .transform((roles) => roles ?? []),
  info: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((info) => info ?? {}),
});

/** Header members by which a token would say where its own key is to be had, or how it is to be understood. */
const REFUSED_HEADERS = ['jku', 'x5u', 'jwk', 'x5c', 'crit'];

/** @param defaultTenant of a token that names none */
export function createJwtReader(issuers: readonly Issuer[], defaultTenant: string): JwtReader {
  const trusted = issuers.map((issuer) => ({ issuer, key: keyOf(issuer) }));

  const verified = async (token: string): Promise<Statement> => {
    const header = decodeProtectedHeader(token);
    const refused = REFUSED_HEADERS.find((name) => name in header);
    if (refused !== undefined) throw new Refusal(`the header '${refused}' is not accepted`);
    // Not verified yet: it only chooses whose key the signature must be of, and is checked again with it.
    const { iss } = decodeJwt(token);
    const found = trusted.find(({ issuer }) => issuer.issuer === iss) ?? trusted.find(({ issuer }) => !issuer.issuer);
    if (!found) throw new Refusal('its issuer is not configured');
    const { issuer, key } = found;
    const { payload } = await jwtVerify(token, key, {
      algorithms: issuer.algorithms,
      clockTolerance: issuer.clockSkew,
      requiredClaims: ['exp'],
      ...(issuer.issuer !== undefined && { issuer: issuer.issuer }),
      ...(issuer.audience !== undefined && { audience: issuer.audience }),
    });
    return statementOf(payload, issuer, defaultTenant);
  };

  return {
    async read(token) {
      try {
        return await verified(token);
      } catch (error) {
        if (error instanceof HandoverError || error instanceof Refusal) throw error;
        throw new Refusal(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function statementOf(payload: JWTPayload, { transform, tenant }: Issuer, defaultTenant: string): Statement {
  const claims = claimsSchema.parse(transform ? transform.evaluate(payload) : payload);
  const id = claims.id ?? claims.sub;
  if (id == null) throw new Refusal('the token names nobody: neither id nor sub');
  if (RESERVED_ID.test(id)) throw new Refusal('the id is not one of a user');
  return {
    tenant: tenant ?? claims.tenant ?? defaultTenant,
    account: { id, info: claims.info, roles: claims.roles },
    issuedAt: new Date((payload.iat ?? 0) * 1_000),
    expiresAt: new Date((payload.exp ?? 0) * 1_000),
  };
}
