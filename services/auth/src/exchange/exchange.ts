import { PRINCIPAL_AUDIENCE, PRINCIPAL_ISSUER, type AnswerOf, type exchangeToken } from '@handover/contracts';
import { SignJWT } from 'jose';
import type { SigningKeys } from '../keys/signing-keys.js';
import type { IdentifyPorts } from './identified.js';
import { identify } from './identify.js';

/**
 * A bearer token in, a signed principal out: who is asking and what they may do, good for PRINCIPAL_TTL seconds and never
 * longer than the token itself.
 * @throws HandoverError `unauthenticated`
 */
export async function exchange(
  token: string | null,
  ports: IdentifyPorts,
  keys: SigningKeys,
): Promise<AnswerOf<typeof exchangeToken>> {
  const { principal, until } = await identify(token, ports);
  const key = await keys.current();
  const ends = Math.min(Date.now() + ports.config.PRINCIPAL_TTL * 1_000, until.getTime());
  const expiresAt = Math.floor(ends / 1_000);
  const signed = await new SignJWT({ principal })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
    .setIssuer(PRINCIPAL_ISSUER)
    .setAudience(PRINCIPAL_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(key.privateKey);
  return { signed, principal, expiresAt: new Date(expiresAt * 1_000).toISOString() };
}
