import type { Bus } from '@handover/bus';
import {
  HandoverError,
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  getSigningKeys,
  holds,
  principalSchema,
  type Principal,
  type Privilege,
} from '@handover/contracts';
import { createLocalJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { ask } from './requests.js';

export interface PrincipalVerifier {
  /**
   * The principal a message was sent by.
   * @throws HandoverError `unauthenticated` when it is missing, expired or not signed by auth
   */
  verify(signed: string | undefined): Promise<Principal>;
}

/** Keys are asked for at most this often, so that messages with made-up key ids cannot flood auth. */
const REFRESH_INTERVAL_MS = 5_000;

/** Verifies signed principals with auth's public keys, asked for over the bus once and again when an unknown key id appears. */
export function createPrincipalVerifier(bus: Bus): PrincipalVerifier {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let asked = 0;

  const fetchKeys = (): Promise<JWTVerifyGetKey> => {
    asked = Date.now();
    const fetched = ask(bus, getSigningKeys, {}).then((set) => createLocalJWKSet(set));
    fetched.catch(() => {
      if (keys === fetched) keys = undefined;
    });
    keys = fetched;
    return fetched;
  };

  const check = async (signed: string): Promise<Principal> => {
    const options = { issuer: PRINCIPAL_ISSUER, audience: PRINCIPAL_AUDIENCE, algorithms: ['EdDSA'] };
    try {
      return read(await jwtVerify(signed, await (keys ?? fetchKeys()), options));
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || Date.now() - asked < REFRESH_INTERVAL_MS) throw error;
      return read(await jwtVerify(signed, await fetchKeys(), options));
    }
  };

  return {
    async verify(signed) {
      if (signed === undefined) throw new HandoverError('unauthenticated', 'The message carries no principal');
      try {
        return await check(signed);
      } catch (error) {
        if (error instanceof HandoverError) throw error;
        throw new HandoverError('unauthenticated', 'The principal cannot be verified', { cause: error });
      }
    },
  };
}

function read(verified: { readonly payload: Record<string, unknown> }): Principal {
  return principalSchema.parse(verified.payload.principal);
}

/** @throws HandoverError `forbidden` unless the principal holds the privilege */
export function requirePrivilege(principal: Principal, privilege: Privilege): void {
  if (!holds(principal, privilege)) throw new HandoverError('forbidden', `This needs the privilege '${privilege}'`);
}
