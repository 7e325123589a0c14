import { HandoverError, MAX_TOKEN_LENGTH, type AnswerOf, type exchangeToken } from '@handover/contracts';
import { hash } from 'node:crypto';
import type { Revocations } from './revocations.js';

export type Exchanged = AnswerOf<typeof exchangeToken>;

const CACHED_TOKENS = 10_000;
/** A principal is not used in its last seconds, so that it is still good when a service behind verifies it. */
const SAFETY_MARGIN_MS = 15_000;

/** Bearer tokens in, signed principals out; asks auth once per token until the principal runs out or its key is revoked. */
export interface TokenExchange {
  /**
   * @param token null: none was given
   * @param ask asks auth; called only when the answer is not known, and once per token at a time
   * @throws HandoverError what `ask` throws; it is not remembered
   */
  exchange(token: string | null, ask: () => Promise<Exchanged>): Promise<Exchanged>;
  /** The answer for a token, where it can be told at once: it is known, still good, and of nothing that can be revoked. */
  known(token: string | null): Exchanged | undefined;
}

/** An exchange that was begun, and what came of it. */
interface Kept {
  readonly pending: Promise<Exchanged>;
  settled?: { readonly exchanged: Exchanged; readonly usableUntil: number };
}

export function createTokenExchange(revocations: Revocations): TokenExchange {
  // Tokens are kept as hashes only. A Map iterates in insertion order, so its first entry is the oldest.
  const cache = new Map<string, Kept>();

  const remember = (key: string, pending: Promise<Exchanged>): void => {
    const oldest = cache.keys().next();
    if (cache.size >= CACHED_TOKENS && oldest.done !== true) cache.delete(oldest.value);
    const kept: Kept = { pending };
    cache.set(key, kept);
    pending.then(
      (exchanged) => {
        kept.settled = { exchanged, usableUntil: usableUntil(exchanged) };
      },
      () => {
        if (cache.get(key) === kept) cache.delete(key);
      },
    );
  };

  return {
    async exchange(token, ask) {
      const key = keyOf(token);
      for (let kept = cache.get(key); kept; kept = cache.get(key)) {
        const exchanged = await kept.pending;
        if (usableUntil(exchanged) > Date.now() && !(await isRevoked(exchanged, revocations))) return exchanged;
        // Whoever sees first that it is no good any more makes room; the others find the next exchange under way.
        if (cache.get(key) === kept) cache.delete(key);
      }
      const exchanged = ask();
      remember(key, exchanged);
      return exchanged;
    },
    known(token) {
      const settled = cache.get(keyOf(token))?.settled;
      if (!settled || settled.exchanged.principal.key || settled.usableUntil <= Date.now()) return undefined;
      return settled.exchanged;
    },
  };
}

const keyOf = (token: string | null): string => hash('sha256', token ?? '', 'base64');

/** Milliseconds since 1970. */
const usableUntil = ({ expiresAt }: Exchanged): number => Date.parse(expiresAt) - SAFETY_MARGIN_MS;

async function isRevoked({ principal }: Exchanged, revocations: Revocations): Promise<boolean> {
  return principal.key !== undefined && revocations.includes(principal.key.id);
}

const BEARER = new RegExp(`^Bearer +([\\w.~+/=-]{1,${MAX_TOKEN_LENGTH}})$`, 'i');

/**
 * The token of an `Authorization: Bearer` value, or null when there is none.
 * @throws HandoverError `unauthenticated` when it is of another scheme or too long
 */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const token = BEARER.exec(authorization.trim())?.[1];
  if (!token) throw new HandoverError('unauthenticated', 'The Authorization header is not a bearer token');
  return token;
}
