import {
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  type AnswerOf,
  type Principal,
  type exchangeToken,
} from '@handover/contracts';
import { SignJWT } from 'jose';
import { privilegesOf } from '../accounts/roles.js';
import type { AuthConfig } from '../config.js';
import type { SigningKeys } from '../keys/signing-keys.js';
import { identify } from './identify.js';

/**
 * A bearer token in, a signed principal out: who is asking and what they may do, good for PRINCIPAL_TTL seconds.
 * @throws HandoverError `unauthenticated`
 */
export async function exchange(
  token: string | null,
  config: AuthConfig,
  keys: SigningKeys,
): Promise<AnswerOf<typeof exchangeToken>> {
  const identity = await identify(token, config);
  const principal: Principal = {
    tenant: identity.tenant,
    kind: 'user',
    id: identity.id,
    info: identity.info,
    roles: [...identity.roles],
    privileges: privilegesOf(identity.roles, config.AUTH_ROLES),
  };
  const key = await keys.current();
  const expiresAt = Math.floor(Date.now() / 1_000) + config.PRINCIPAL_TTL;
  const signed = await new SignJWT({ principal })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
    .setIssuer(PRINCIPAL_ISSUER)
    .setAudience(PRINCIPAL_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(key.privateKey);
  return { signed, principal, expiresAt: new Date(expiresAt * 1_000).toISOString() };
}
