import { z } from 'zod';
import { apiKeyKindSchema, principalSchema, privilegeSchema, processRestrictionSchema } from '../principal.js';
import { defineRequest } from '../request.js';

/** Longest bearer token anybody looks at, in characters. */
export const MAX_TOKEN_LENGTH = 16_384;

/** Exchanges a bearer token (none: the default account, if one is configured) for a signed principal. */
export const exchangeToken = defineRequest({
  type: 'auth.exchange.v1',
  service: 'auth',
  body: z.object({ token: z.string().max(MAX_TOKEN_LENGTH).nullable() }),
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

/** Ids of the API keys that were revoked lately: those whose signed principals may still be around. */
export const listRevocations = defineRequest({
  type: 'auth.revocations.v1',
  service: 'auth',
  body: z.object({}),
  answer: z.object({ keys: z.array(z.string()) }),
});

/**
 * Whether a key was revoked, however long ago: for work that was accepted from its bearer and is carried out later. A key that
 * does not exist counts as revoked.
 */
export const checkApiKey = defineRequest({
  type: 'apikey.check.v1',
  service: 'auth',
  body: z.object({ tenant: z.string().min(1), key: z.string().min(1) }),
  answer: z.object({ revoked: z.boolean() }),
});

/**
 * Broadcast when a key was revoked. It says no more than that {@link listRevocations} has something new: a forged or lost one
 * revokes nothing and keeps nothing alive.
 */
export const REVOCATION_CHANNEL = { channel: 'auth.revocations', type: 'auth.revocations-changed.v1' } as const;

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

/** An API key as its tenant sees it (engine-service §5.2). */
export const apiKeySchema = z.object({
  id: z.string(),
  /** The whole token in the answer to its issue, its last four characters ever after. */
  token: z.string(),
  name: z.string(),
  description: z.string(),
  /** ISO 8601, as all times here. */
  issued: z.string(),
  /** Days from issue to expiration, rounded up. */
  expirationDays: z.number(),
  expiration: z.string(),
  /** Right within a minute. */
  lastUsed: z.string().optional(),
  revoked: z.string().optional(),
  kind: apiKeyKindSchema,
  /** Id of the user that a key of kind `user` is bound to. */
  owner: z.string().optional(),
  service: z.string().optional(),
  instance: z.string().optional(),
  privileges: z.array(privilegeSchema),
  processes: z.array(processRestrictionSchema).optional(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

const MOST_DAYS = 3_650;

/** Issues an API key. No key can do more than its issuer; its token is in this answer and nowhere else. */
export const issueApiKey = defineRequest({
  type: 'apikey.issue.v1',
  service: 'auth',
  body: z
    .object({
      name: z.string().trim().min(1).max(200),
      description: z.string().max(2_000).default(''),
      privileges: z.array(privilegeSchema).max(100).default([]),
      kind: apiKeyKindSchema.default('global'),
      service: z
        .string()
        .regex(/^[\w.-]{1,100}$/, 'must be the name of a service, without the prefix service:')
        .optional(),
      instance: z.string().min(1).max(200).optional(),
      processes: z.array(processRestrictionSchema).min(1).max(100).optional(),
      expirationDays: z.number().int().min(1).max(MOST_DAYS).optional(),
      expiration: z.iso.datetime({ offset: true }).optional(),
    })
    .superRefine((key, context) => {
      const refuse = (member: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [member], message });
      if (key.expiration !== undefined && key.expirationDays !== undefined)
        refuse('expirationDays', 'is given beside expiration: one of them is enough');
      if ((key.kind === 'proxy') !== (key.instance !== undefined))
        refuse('instance', 'names the agent instance of a key of kind proxy, and of no other');
      if (key.kind !== 'global' && key.service !== undefined) refuse('service', 'is for keys of kind global');
    }),
  answer: apiKeySchema,
});

/** All keys of the tenant, the newest first, revoked and expired ones too. */
export const listApiKeys = defineRequest({
  type: 'apikey.list.v1',
  service: 'auth',
  body: z.object({}),
  answer: z.object({ keys: z.array(apiKeySchema) }),
});

/** Revokes a key for good. Again is no error. */
export const revokeApiKey = defineRequest({
  type: 'apikey.revoke.v1',
  service: 'auth',
  body: z.object({ id: z.string() }),
  answer: z.object({}),
});
