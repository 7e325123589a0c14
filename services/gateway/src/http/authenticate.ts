import { HandoverError, type AnswerOf, type exchangeToken } from '@handover/contracts';
import { createHash } from 'node:crypto';
import type { Caller, RequestContext } from './context.js';

type Exchanged = AnswerOf<typeof exchangeToken>;

const CACHED_TOKENS = 10_000;
/** A principal is not used in its last seconds, so that it is still good when a service behind verifies it. */
const SAFETY_MARGIN_MS = 15_000;

/** Finds out who is calling: exchanges the bearer token at auth, once per token until the principal expires. */
export interface Authenticator {
  /** @throws HandoverError `unauthenticated` */
  caller(context: RequestContext): Promise<Caller>;
}

/**
 * @param exchange asks auth; called once per token at a time, whatever the number of requests waiting
 */
export function createAuthenticator(
  exchange: (token: string | null, context: RequestContext) => Promise<Exchanged>,
): Authenticator {
  // Tokens are kept as hashes only. A Map iterates in insertion order, so its first entry is the oldest.
  const cache = new Map<string, Promise<Exchanged>>();

  const remember = (key: string, exchanged: Promise<Exchanged>): void => {
    const oldest = cache.keys().next();
    if (cache.size >= CACHED_TOKENS && oldest.done !== true) cache.delete(oldest.value);
    cache.set(key, exchanged);
    exchanged.catch(() => {
      if (cache.get(key) === exchanged) cache.delete(key);
    });
  };

  return {
    async caller(context) {
      const token = bearerToken(context.req.header('Authorization'));
      const key = createHash('sha256')
        .update(token ?? '')
        .digest('base64');
      for (let pending = cache.get(key); pending; pending = cache.get(key)) {
        const exchanged = await pending;
        if (Date.parse(exchanged.expiresAt) - SAFETY_MARGIN_MS > Date.now()) return exchanged;
        // Whoever sees first that it has run out makes room; the others find the next exchange under way.
        if (cache.get(key) === pending) cache.delete(key);
      }
      const exchanged = exchange(token, context);
      remember(key, exchanged);
      return exchanged;
    },
  };
}

/** The token of an `Authorization: Bearer` header, or null when there is no such header. */
function bearerToken(header: string | undefined): string | null {
  if (header === undefined) return null;
  const match = /^Bearer +([\w.~+/=-]{1,16384})$/i.exec(header.trim());
  if (!match?.[1]) throw new HandoverError('unauthenticated', 'The Authorization header is not a bearer token');
  return match[1];
}
