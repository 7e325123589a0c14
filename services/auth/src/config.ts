import { privilegeSchema } from '@handover/contracts';
import { commonConfig, databaseConfig, flag } from '@handover/runtime';
import { z } from 'zod';

/** The secret everyone knows; good for a try, refused in production (engine-service §4.4). */
export const DEVELOPMENT_SECRET = 'development only!';

/** Role → privileges; the entry `*` is everyone's (engine-service §4.3). */
export type RoleMap = z.infer<typeof roleMapSchema>;
const roleMapSchema = z.record(z.string(), z.array(privilegeSchema));

const DEFAULT_ROLES: RoleMap = { admin: ['*'], '*': ['process:start', 'process:step'] };

const jsonRoleMap = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('must be JSON such as {"admin":["*"]}');
      return z.NEVER;
    }
  })
  .pipe(roleMapSchema);

export const authConfig = commonConfig
  .extend(databaseConfig.shape)
  .extend({
    /** Verifies bearer tokens (HS256). */
    JWT_SECRET: z.string().min(16),
    /** Claim `iss` a token must carry; any when absent. */
    JWT_ISSUER: z.string().optional(),
    JWT_AUDIENCE: z.string().optional(),
    /** Difference between clocks that is forgiven, in seconds. */
    JWT_CLOCK_SKEW: z.coerce.number().int().min(0).max(300).default(5),
    /** Role map as JSON. */
    AUTH_ROLES: jsonRoleMap.default(DEFAULT_ROLES),
    /** Tenant of a token without a `tenant` claim. */
    DEFAULT_TENANT: z.string().min(1).default('default'),
    DEMO_ACCOUNTS: flag.default(false),
    /** Demo account that a request without a token acts as. */
    DEFAULT_ACCOUNT: z.string().optional(),
    /** How long a signed principal is good for, in seconds. */
    PRINCIPAL_TTL: z.coerce.number().int().min(10).max(900).default(300),
  })
  .superRefine((config, context) => {
    if (config.NODE_ENV !== 'production') return;
    const refuse = (name: string, message: string): void => context.addIssue({ code: 'custom', path: [name], message });
    if (config.JWT_SECRET === DEVELOPMENT_SECRET)
      refuse('JWT_SECRET', 'the development secret is refused in production');
    if (config.DEMO_ACCOUNTS) refuse('DEMO_ACCOUNTS', 'demo accounts are refused in production');
    if (config.DEFAULT_ACCOUNT !== undefined) refuse('DEFAULT_ACCOUNT', 'a default account is refused in production');
  });
export type AuthConfig = z.infer<typeof authConfig>;
