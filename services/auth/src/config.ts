import { privilegeSchema } from '@handover/contracts';
import { commonConfig, databaseConfig, flag } from '@handover/runtime';
import { z } from 'zod';
import { isWellFormed } from './api-keys/token.js';
import { issuerSchema, type Issuer } from './exchange/issuer.js';

/** The secret everyone knows; good for a try, refused in production (engine-service §4.4). */
export const DEVELOPMENT_SECRET = 'development only!';

/** Role → privileges; the entry `*` is everyone's (engine-service §4.3). */
export type RoleMap = z.infer<typeof roleMapSchema>;
const roleMapSchema = z.record(z.string(), z.array(privilegeSchema));

const DEFAULT_ROLES: RoleMap = { admin: ['*'], '*': ['process:start', 'process:step'] };

const json = (example: string) =>
  z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue(`must be JSON such as ${example}`);
      return z.NEVER;
    }
  });

export const authConfig = commonConfig
  .extend(databaseConfig.shape)
  .extend({
    JWT_SECRET: z
      .string()
      .min(16)
      .optional()
      .meta({ description: 'Verifies bearer tokens (HS256): the simple form of one issuer.', secret: true }),
    JWT_ISSUER: z.string().optional().describe('Claim `iss` such a token must carry; any when absent.'),
    JWT_AUDIENCE: z.string().optional().describe('Claim `aud` such a token must carry; any when absent.'),
    JWT_CLOCK_SKEW: z.coerce
      .number()
      .int()
      .min(0)
      .max(300)
      .default(5)
      .describe('Difference between clocks that is forgiven, in seconds.'),
    JWT_TRANSFORM: z.string().optional().describe('JMESPath over the claims, see `transform` of an issuer.'),
    JWT_ISSUERS: json(
      '[{"issuer":"https://id.example.com","jwksUrl":"https://id.example.com/jwks","algorithms":["ES256"]}]',
    )
      .pipe(z.array(issuerSchema))
      .default([])
      .meta({
        description:
          'Issuers as a JSON array, beside or instead of the simple form; see exchange/issuer.ts for the members.',
        secret: true,
      }),
    AUTH_ROLES: json('{"admin":["*"]}').pipe(roleMapSchema).default(DEFAULT_ROLES).describe('Role map as JSON.'),
    DEFAULT_TENANT: z.string().min(1).default('default').describe('Tenant of a token without a `tenant` claim.'),
    DEMO_ACCOUNTS: flag.default(false).describe('Whether the demo accounts exist; refused in production.'),
    DEFAULT_ACCOUNT: z.string().optional().describe('Demo account that a request without a token acts as.'),
    PRINCIPAL_TTL: z.coerce
      .number()
      .int()
      .min(10)
      .max(900)
      .default(300)
      .describe('How long a signed principal is good for, in seconds.'),
    API_KEY_PREFIX: z
      .string()
      .regex(/^[A-Za-z0-9]{1,20}_$/, 'must be letters and digits with an underscore at the end')
      .default('lfl_')
      .describe('Begins the tokens of API keys.'),
    LAST_USED_INTERVAL_MS: z.coerce
      .number()
      .int()
      .min(10)
      .max(30_000)
      .default(10_000)
      .describe('How often the last use of keys is written down, in milliseconds.'),
    BOOTSTRAP_API_KEY: z.string().optional().meta({
      description:
        'The token of the first API key, made by `bootstrap --print`; it is stored when the database has no key at all.',
      secret: true,
    }),
  })
  .superRefine((config, context) => {
    const refuse = (name: string, message: string): void => context.addIssue({ code: 'custom', path: [name], message });
    if (config.JWT_SECRET === undefined && config.JWT_ISSUERS.length === 0)
      refuse('JWT_SECRET', 'is needed unless JWT_ISSUERS names who issues tokens');
    if (config.JWT_SECRET === undefined && config.DEMO_ACCOUNTS)
      refuse('DEMO_ACCOUNTS', 'need JWT_SECRET to sign their tokens with');
    if (config.BOOTSTRAP_API_KEY !== undefined && !isWellFormed(config.BOOTSTRAP_API_KEY, config.API_KEY_PREFIX))
      refuse('BOOTSTRAP_API_KEY', 'is no token of an API key: make one with `node dist/bootstrap.js --print`');
    if (config.NODE_ENV !== 'production') return;
    if (config.JWT_SECRET === DEVELOPMENT_SECRET)
      refuse('JWT_SECRET', 'the development secret is refused in production');
    if (config.DEMO_ACCOUNTS) refuse('DEMO_ACCOUNTS', 'demo accounts are refused in production');
    if (config.DEFAULT_ACCOUNT !== undefined) refuse('DEFAULT_ACCOUNT', 'a default account is refused in production');
  });
export type AuthConfig = z.infer<typeof authConfig>;

/** Everybody whose tokens are believed: those of JWT_ISSUERS, and the simple form. */
export function issuersOf(config: AuthConfig): Issuer[] {
  if (config.JWT_SECRET === undefined) return config.JWT_ISSUERS;
  const simple = issuerSchema.parse({
    secret: config.JWT_SECRET,
    clockSkew: config.JWT_CLOCK_SKEW,
    ...(config.JWT_ISSUER !== undefined && { issuer: config.JWT_ISSUER }),
    ...(config.JWT_AUDIENCE !== undefined && { audience: config.JWT_AUDIENCE }),
    ...(config.JWT_TRANSFORM !== undefined && { transform: config.JWT_TRANSFORM }),
  });
  return [...config.JWT_ISSUERS, simple];
}
