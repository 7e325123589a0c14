const SERVICE = 'service:';

/**
 * The wildcard key that declares a numbered actor (§2.2): its trailing digits become `*`, so `person_12` gives `person_*`.
 * @returns the key itself when it has no trailing digits.
 */
export function wildcardOf(key: string): string {
  let end = key.length;
  while (end > 0 && isDigit(key.charCodeAt(end - 1))) end--;
  return end < key.length ? `${key.slice(0, end)}*` : key;
}

/** @returns Whether an actor reference names a service, `service:NAME`, which is never an actor (§3). */
export function isService(reference: unknown): reference is `service:${string}` {
  return typeof reference === 'string' && reference.startsWith(SERVICE);
}

/** @returns the bare name of a service, with or without its prefix. */
export function serviceName(reference: string): string {
  let name = reference;
  while (name.startsWith(SERVICE)) name = name.slice(SERVICE.length);
  return name;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
