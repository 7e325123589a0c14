import type { ServiceConfig } from '@handover/contracts';

/** Stands for a secret when a service is shown. */
export const MASK = '***';

const SECRETS = new Set(['secret', 'curveSecretKey', 'plainPassword']);

/** A service's configuration as it may be shown: no password, no key, no value of a header. */
export function masked(config: ServiceConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, shown(name, value)]));
}

function shown(name: string, value: unknown): unknown {
  if (SECRETS.has(name)) return MASK;
  if (name === 'url' && typeof value === 'string') return withoutPassword(value);
  if (name === 'headers') return Object.fromEntries(Object.keys(value as object).map((header) => [header, MASK]));
  return value;
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = MASK;
  return parsed.toString();
}

const passwordOf = (url: string): string => decodeURIComponent(new URL(url).password);

/** Members that hold a mask instead of a secret: what was shown is sent back, and would replace the secret. */
export function maskedMembers(config: ServiceConfig): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    if (SECRETS.has(name)) return value === MASK ? [`/${name}`] : [];
    if (name === 'url') return passwordOf(value as string) === MASK ? ['/url'] : [];
    if (name !== 'headers') return [];
    return Object.entries(value as object).flatMap(([header, text]) => (text === MASK ? [`/headers/${header}`] : []));
  });
}
