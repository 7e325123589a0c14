import { HandoverError } from '@handover/contracts';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { DEMO_ACCOUNTS } from '../accounts/demo-accounts.js';
import type { AuthConfig } from '../config.js';

/** Who a bearer token speaks for, before privileges are looked up. */
export interface Identity {
  readonly tenant: string;
  readonly id: string;
  readonly info: Record<string, unknown>;
  readonly roles: readonly string[];
}

/** Claims of a user's token (engine-service §4.2); `sub` serves where `id` is missing, one role may be a plain string. */
const claimsSchema = z.object({
  id: z.string().min(1).optional(),
  sub: z.string().min(1).optional(),
  tenant: z.string().min(1).max(100).optional(),
  roles: z.union([z.string().transform((role) => [role]), z.array(z.string())]).default([]),
  info: z.record(z.string(), z.unknown()).default({}),
});

/** What is said to whoever fails: nothing that helps an attacker. The cause goes to the log. */
const refusal = (cause: unknown): HandoverError =>
  new HandoverError('unauthenticated', 'The bearer token is not valid', { cause });

/**
 * Verifies a bearer token (HS256 by JWT_SECRET; never the algorithm the token itself names), or falls back to the default
 * account when there is none.
 * @throws HandoverError `unauthenticated`
 */
export async function identify(token: string | null, config: AuthConfig): Promise<Identity> {
  if (token === null) return defaultAccount(config);
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(config.JWT_SECRET), {
      algorithms: ['HS256'],
      clockTolerance: config.JWT_CLOCK_SKEW,
      requiredClaims: ['exp'],
      ...(config.JWT_ISSUER !== undefined && { issuer: config.JWT_ISSUER }),
      ...(config.JWT_AUDIENCE !== undefined && { audience: config.JWT_AUDIENCE }),
    });
    const claims = claimsSchema.parse(payload);
    const id = claims.id ?? claims.sub;
    if (id === undefined) throw new Error('the token names nobody: neither id nor sub');
    return { tenant: claims.tenant ?? config.DEFAULT_TENANT, id, info: claims.info, roles: claims.roles };
  } catch (error) {
    throw refusal(error);
  }
}

function defaultAccount(config: AuthConfig): Identity {
  const account = DEMO_ACCOUNTS.find(({ id }) => id === config.DEFAULT_ACCOUNT);
  if (!account) throw new HandoverError('unauthenticated', 'A bearer token is required');
  return { ...account, tenant: config.DEFAULT_TENANT };
}
