import { z } from 'zod';

/** Every right there is (engine-service §4.3 and the other surfaces). `*` is everything within the tenant. */
export const PRIVILEGES = [
  '*',
  'scenario:read',
  'scenario:write',
  'process:read',
  'process:start',
  'process:step',
  'process:super',
  'apikey:issue',
  'apikey:revoke',
  'processes:read',
  'processes:write',
  'assets:read',
  'assets:write',
  'workflows:read',
  'workflows:write',
  'workflows:admin',
  'workflows:run',
  'cases:read',
  'cases:write',
  'webhooks:read',
  'webhooks:write',
  'services:read',
  'services:write',
] as const;

export const privilegeSchema = z.enum(PRIVILEGES);
export type Privilege = z.infer<typeof privilegeSchema>;

/** Issuer and audience of the signed form, checked by whoever verifies one. */
export const PRINCIPAL_ISSUER = 'handover:auth';
export const PRINCIPAL_AUDIENCE = 'handover:services';

const name = z.string().min(1).max(200);

/** The processes of one scenario, and of them these actors and these actions only; absent means all of them. */
export const processRestrictionSchema = z.object({
  /** Id of the scenario. */
  scenario: z.uuid().toLowerCase(),
  actors: z.array(name).min(1).max(100).optional(),
  actions: z.array(name).min(1).max(100).optional(),
});
export type ProcessRestriction = z.infer<typeof processRestrictionSchema>;

/**
 * Whom an API key speaks for: `global` for the tenant's own software, `user` for the user it is bound to, `proxy` for one
 * instance of an agent.
 */
export const API_KEY_KINDS = ['global', 'user', 'proxy'] as const;
export const apiKeyKindSchema = z.enum(API_KEY_KINDS);
export type ApiKeyKind = z.infer<typeof apiKeyKindSchema>;

/** What a key is bound to, as its principal carries it. */
export const principalKeySchema = z.object({
  id: z.string().min(1),
  kind: apiKeyKindSchema,
  /** The service it acts as, `service:<service>`. */
  service: z.string().optional(),
  /** The agent instance of a `proxy`. */
  instance: z.string().optional(),
  /** It reaches no process but these; absent means any. */
  processes: z.array(processRestrictionSchema).optional(),
});
export type PrincipalKey = z.infer<typeof principalKeySchema>;

/**
 * Who is asking. Auth signs it (EdDSA, minutes) in exchange for a bearer token; engine and notifier verify the signature
 * and trust nothing else. The signed form is a JWT whose `principal` claim is this object.
 */
export const principalSchema = z
  .object({
    tenant: z.string().min(1),
    kind: z.enum(['user', 'key']),
    /** A user's id (a key bound to a user has its owner's), `key:<id>` of a global key, `agent:<instance>` of a proxy key. */
    id: z.string().min(1),
    /** Free properties of the user (name, …); they travel into the event's actor. */
    info: z.record(z.string(), z.unknown()),
    roles: z.array(z.string()),
    privileges: z.array(privilegeSchema),
    key: principalKeySchema.optional(),
  })
  .refine(({ kind, key }) => (kind === 'key') === (key !== undefined), 'a key, and nobody else, says which key it is');
export type Principal = z.infer<typeof principalSchema>;

/** Whether the principal holds a privilege, directly or through `*`. */
export function holds(principal: Pick<Principal, 'privileges'>, privilege: Privilege): boolean {
  return principal.privileges.includes('*') || principal.privileges.includes(privilege);
}
