/** Where a delivery goes: a webhook by its id, or a service by its name. */
export type Target =
  { readonly kind: 'webhook'; readonly id: string } | { readonly kind: 'service'; readonly name: string };

const PREFIX = 'service:';

/** A service's key among all targets of all tenants: `service:<name>@<tenant>`. */
export const serviceTarget = (tenant: string, name: string): string => `${PREFIX}${name}@${tenant}`;

/** @param key as it is stored with a delivery of this tenant */
export function targetOf(tenant: string, key: string): Target {
  if (!key.startsWith(PREFIX)) return { kind: 'webhook', id: key };
  return { kind: 'service', name: key.slice(PREFIX.length, key.length - tenant.length - 1) };
}
