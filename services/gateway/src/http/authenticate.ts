import { HandoverError } from '@handover/contracts';
import { bearerToken, type Exchanged, type Logger, type TokenExchange } from '@handover/runtime';
import type { Caller, RequestContext } from './context.js';
import type { RateLimits } from './rate-limit.js';
import { sourceAddress } from './source-address.js';
import type { TokenBuckets } from './token-bucket.js';

/** Finds out who is calling, by the bearer token; a token that is known already costs no question to auth. */
export interface Authenticator {
  /** At once where the token is known. @throws HandoverError `unauthenticated`, `rate_limited` */
  caller(context: RequestContext): Caller | Promise<Caller>;
  /** Whether the token is still good, while a request lasts: not another request. @throws HandoverError `unauthenticated` */
  callerAnew(context: RequestContext): Promise<Caller>;
}

export interface AuthenticatorPorts {
  readonly tokens: TokenExchange;
  /** Asks auth. */
  readonly exchange: (token: string | null, context: RequestContext) => Promise<Exchanged>;
  readonly limits: RateLimits;
  /** Tokens that were refused, by source address. */
  readonly failures: TokenBuckets;
  readonly trustedProxies: number;
  readonly log: Logger;
  /** Told where each principal came from. */
  readonly exchanged: (outcome: 'cache' | 'auth' | 'refused') => void;
}

export function createAuthenticator(ports: AuthenticatorPorts): Authenticator {
  const { tokens, exchange, limits } = ports;
  const exchanged = async (context: RequestContext, token: string | null): Promise<Caller> => {
    let outcome: 'cache' | 'auth' = 'cache';
    const ask = () => {
      outcome = 'auth';
      return exchange(token, context);
    };
    const caller = await tokens
      .exchange(token, token === null ? ask : () => throttled(ports, context, ask))
      .catch((error: unknown) => {
        ports.exchanged('refused');
        throw error;
      });
    ports.exchanged(outcome);
    return caller;
  };
  const counted = (context: RequestContext, caller: Caller): Caller => {
    limits.count(context, caller.principal);
    return caller;
  };
  return {
    callerAnew: async (context) => exchanged(context, tokenOf(context)),
    caller(context) {
      const token = tokenOf(context);
      const known = tokens.known(token);
      if (!known) return exchanged(context, token).then((caller) => counted(context, caller));
      ports.exchanged('cache');
      return counted(context, known);
    },
  };
}

const tokenOf = ({ req }: RequestContext): string | null =>
  bearerToken(req.header('Authorization') ?? keyAsBearer(req.header('X-Api-Key')));

/** An API key may come in a header of its own, where no other token does. */
const keyAsBearer = (key: string | undefined): string | undefined => (key === undefined ? undefined : `Bearer ${key}`);

/** Lets a source that had too many tokens refused wait before another is tried. Tokens known to be good are not asked for. */
async function throttled(
  { failures, trustedProxies, log }: AuthenticatorPorts,
  context: RequestContext,
  ask: () => Promise<Exchanged>,
): Promise<Exchanged> {
  const source = sourceAddress(context, trustedProxies);
  const { allowed, retrySeconds } = failures.look(source);
  if (!allowed) {
    throw new HandoverError('rate_limited', 'Too many tokens from this address were refused', {
      retryAfter: retrySeconds,
    });
  }
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HandoverError && error.code === 'unauthenticated') {
      failures.take(source);
      log.warn(
        { requestId: context.get('requestId'), audit: 'authentication.failed', source },
        'authentication.failed',
      );
    }
    throw error;
  }
}
