import { z } from 'zod';

/** What a caller may do (engine-service §4.3). `*` is everything within the tenant. */
export const PRIVILEGES = [
  '*',
  'scenario:read',
  'scenario:write',
  'process:read',
  'process:start',
  'process:step',
  'process:super',
  'webhooks:read',
  'webhooks:write',
] as const;

export const privilegeSchema = z.enum(PRIVILEGES);
export type Privilege = z.infer<typeof privilegeSchema>;

/** Issuer and audience of the signed form, checked by whoever verifies one. */
export const PRINCIPAL_ISSUER = 'handover:auth';
export const PRINCIPAL_AUDIENCE = 'handover:services';

/**
 * Who is asking. Auth signs it (EdDSA, minutes) in exchange for a bearer token; engine and notifier verify the signature
 * and trust nothing else. The signed form is a JWT whose `principal` claim is this object.
 */
export const principalSchema = z.object({
  tenant: z.string().min(1),
  kind: z.enum(['user']),
  id: z.string().min(1),
  /** Free properties of the user (name, …); they travel into the event's actor. */
  info: z.record(z.string(), z.unknown()),
  roles: z.array(z.string()),
  privileges: z.array(privilegeSchema),
});
export type Principal = z.infer<typeof principalSchema>;

/** Whether the principal holds a privilege, directly or through `*`. */
export function holds(principal: Principal, privilege: Privilege): boolean {
  return principal.privileges.includes('*') || principal.privileges.includes(privilege);
}
