import { HandoverError, type Principal } from '@handover/contracts';
import { addHeader } from './answer.js';
import type { RequestContext } from './context.js';
import { createTokenBuckets, type Allowance, type Rate } from './token-bucket.js';

/** Counts the requests of a caller and says in the answer's headers what is left. */
export interface RateLimits {
  /** @throws HandoverError `rate_limited` */
  count(context: RequestContext, principal: Principal): void;
}

/**
 * Per API key and per tenant, counted in this process: with several gateways each allows its share of what comes to it.
 * A request that its key has no more of does not cost its tenant any.
 */
export function createRateLimits(perKey: Rate, perTenant: Rate): RateLimits {
  const keys = createTokenBuckets(perKey);
  const tenants = createTokenBuckets(perTenant);
  return {
    count(context, { tenant, key }) {
      const ofKey = key && keys.take(`${tenant}/${key.id}`);
      const ofTenant = ofKey?.allowed === false ? undefined : tenants.take(tenant);
      const counted = [ofKey, ofTenant].filter((allowance) => allowance !== undefined);
      const tightest = counted.reduce((one, other) => (isTighter(other, one) ? other : one));
      showAllowance(context, tightest);
      if (tightest.allowed) return;
      const whose = tightest === ofKey ? 'this API key' : 'this tenant';
      throw new HandoverError('rate_limited', `Too many requests of ${whose}`, { retryAfter: tightest.retrySeconds });
    },
  };
}

const isTighter = (one: Allowance, other: Allowance): boolean =>
  one.allowed === other.allowed ? one.remaining < other.remaining : !one.allowed;

/** The headers of the IETF draft (reset in seconds from now) and the older ones (reset as Unix time). */
function showAllowance(context: RequestContext, { limit, remaining, resetSeconds }: Allowance): void {
  for (const prefix of ['RateLimit', 'X-RateLimit']) {
    addHeader(context, `${prefix}-Limit`, String(limit));
    addHeader(context, `${prefix}-Remaining`, String(remaining));
  }
  addHeader(context, 'RateLimit-Reset', String(resetSeconds));
  addHeader(context, 'X-RateLimit-Reset', String(Math.ceil(Date.now() / 1_000) + resetSeconds));
}
