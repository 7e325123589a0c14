import type { Bus, MessageHeaders } from '@handover/bus';
import {
  HandoverError,
  PRINCIPAL_AUDIENCE,
  PRINCIPAL_ISSUER,
  exchangeToken,
  getSigningKeys,
  holds,
  principalSchema,
  type Principal,
  type Privilege,
} from '@handover/contracts';
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './requests.js';
import { revocationsOver, type Revocations } from './revocations.js';
import { bearerToken, createTokenExchange } from './token-exchange.js';

export interface PrincipalVerifier {
  /**
   * The principal a message was sent by.
   * @throws HandoverError `unauthenticated` when it is missing, expired, not signed by auth, or of a revoked key
   */
  verify(signed: string | undefined): Promise<Principal>;
}

/** What a verifier trusts: auth's public keys and its word on which API keys are revoked. */
export interface TrustSource {
  readonly signingKeys: () => Promise<JSONWebKeySet>;
  readonly revocations: Revocations;
}

/** Keys are asked for at most this often, so that messages with made-up key ids cannot flood auth; who is too early waits. */
const REFRESH_INTERVAL_MS = 1_000;

/** Verifies signed principals with auth's public keys, asked for over the bus once and again when an unknown key id appears. */
export function createPrincipalVerifier(bus: Bus, revocations = revocationsOver(bus)): PrincipalVerifier {
  return verifierTrusting({ signingKeys: () => ask(bus, getSigningKeys, {}), revocations });
}

/** A verifier by whatever way the trusted facts come. */
export function verifierTrusting({ signingKeys, revocations }: TrustSource): PrincipalVerifier {
  const isSignedByAuth = remembered(signatureCheck(signingKeys));
  return {
    async verify(signed) {
      if (signed === undefined) throw new HandoverError('unauthenticated', 'The message carries no principal');
      const principal = await isSignedByAuth(signed);
      if (principal.key && (await revocations.includes(principal.key.id))) {
        throw new HandoverError('unauthenticated', 'The API key is revoked');
      }
      return principal;
    },
  };
}

/** What a signature said, and until when it says so, in milliseconds since the epoch. */
interface Checked {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/** A caller's next message carries the same signature as the last: so many are checked once, until they expire. */
const REMEMBERED = 5_000;

function remembered(check: (signed: string) => Promise<Checked>): (signed: string) => Promise<Principal> {
  const known = new Map<string, Checked>();
  return async (signed) => {
    const found = known.get(signed);
    if (found && found.expiresAt > Date.now()) return found.principal;
    known.delete(signed);
    const checked = await check(signed);
    const oldest = known.keys().next();
    if (known.size >= REMEMBERED && oldest.done !== true) known.delete(oldest.value);
    known.set(signed, checked);
    return checked.principal;
  };
}

function signatureCheck(signingKeys: TrustSource['signingKeys']): (signed: string) => Promise<Checked> {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let asked = 0;

  const fetchKeys = (): Promise<JWTVerifyGetKey> => {
    asked = Date.now();
    const fetched = signingKeys().then((set) => createLocalJWKSet(set));
    fetched.catch(() => {
      if (keys === fetched) keys = undefined;
    });
    keys = fetched;
    return fetched;
  };

  let awaited: Promise<JWTVerifyGetKey> | undefined;
  /** Keys that are newer than now: a replica of auth that has just started signs by one that nobody has seen. */
  const newerKeys = (): Promise<JWTVerifyGetKey> => {
    const due = delay(Math.max(0, asked + REFRESH_INTERVAL_MS - Date.now()));
    return (awaited ??= due.then(() => {
      awaited = undefined;
      return fetchKeys();
    }));
  };

  const check = async (signed: string): Promise<Checked> => {
    const options = { issuer: PRINCIPAL_ISSUER, audience: PRINCIPAL_AUDIENCE, algorithms: ['EdDSA'] };
    try {
      return read(await jwtVerify(signed, await (keys ?? fetchKeys()), options));
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return read(await jwtVerify(signed, await newerKeys(), options));
    }
  };

  return async (signed) => {
    try {
      return await check(signed);
    } catch (error) {
      if (error instanceof HandoverError) throw error;
      throw new HandoverError('unauthenticated', 'The principal cannot be verified', { cause: error });
    }
  };
}

function read({ payload }: { readonly payload: JWTPayload }): Checked {
  // Without an expiry it is good for this once.
  return { principal: principalSchema.parse(payload.principal), expiresAt: (payload.exp ?? 0) * 1_000 };
}

/** Finds out who sent a message. */
export interface Callers {
  /**
   * The signed principal of a message, or else the one its bearer token is exchanged for; verified either way.
   * @throws HandoverError `unauthenticated`
   */
  of(headers: MessageHeaders): Promise<Principal>;
}

/** Callers by auth, reached over the bus. An outsider's token is exchanged once, as the gateway does it. */
export function createCallers(bus: Bus): Callers {
  const revocations = revocationsOver(bus);
  const verifier = createPrincipalVerifier(bus, revocations);
  const tokens = createTokenExchange(revocations);
  return {
    async of({ principal, authorization, requestId }) {
      const token = principal === undefined ? bearerToken(authorization) : null;
      if (token === null) return verifier.verify(principal);
      const headers = requestId === undefined ? {} : { requestId };
      const { signed } = await tokens.exchange(token, () => ask(bus, exchangeToken, { token }, { headers }));
      return verifier.verify(signed);
    },
  };
}

/** @throws HandoverError `forbidden` unless the principal holds the privilege */
export function requirePrivilege(principal: Principal, privilege: Privilege): void {
  if (!holds(principal, privilege)) throw new HandoverError('forbidden', `This needs the privilege '${privilege}'`);
}
