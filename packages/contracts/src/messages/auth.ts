import { z } from 'zod';
import { principalSchema } from '../principal.js';
import { defineRequest } from '../request.js';

/** Exchanges a bearer token (none: the default account, if one is configured) for a signed principal. */
export const exchangeToken = defineRequest({
  type: 'auth.exchange.v1',
  service: 'auth',
  body: z.object({ token: z.string().max(16_384).nullable() }),
  answer: z.object({
    /** Compact JWS, see {@link principalSchema}. */
    signed: z.string(),
    principal: principalSchema,
    /** ISO 8601; until then the exchange may be cached. */
    expiresAt: z.string(),
  }),
});

/** The public keys that verify signed principals, as a JWK set. */
export const getSigningKeys = defineRequest({
  type: 'auth.keys.v1',
  service: 'auth',
  body: z.object({}),
  answer: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
});

/** A demo account as `GET /demo-accounts` lists it (engine-service §4.4). */
export const demoAccountSchema = z.object({
  id: z.string(),
  info: z.object({ name: z.string() }),
  roles: z.array(z.string()),
  token: z.string(),
});
export type DemoAccount = z.infer<typeof demoAccountSchema>;

/** Demo accounts with fresh tokens; `demo_accounts_disabled` unless configured. */
export const listDemoAccounts = defineRequest({
  type: 'auth.demo-accounts.v1',
  service: 'auth',
  body: z.object({}),
  answer: z.object({ accounts: z.array(demoAccountSchema) }),
});
