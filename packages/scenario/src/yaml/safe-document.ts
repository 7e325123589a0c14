import { LimitExceeded, type Limits } from '../limits.js';
import { UnsafeKeyError } from './error.js';

/** Keys that reach into JavaScript's prototypes when a path is followed. No scenario, and no data of one, needs them. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** @returns Whether a key is refused in every document and every update path. */
export const isUnsafeKey = (key: string): boolean => UNSAFE_KEYS.has(key);

/**
 * Guards what comes from outside, before anything recursive walks it.
 * @throws UnsafeKeyError naming the path of a key such as `__proto__`.
 * @throws LimitExceeded when the document nests more arrays and objects than {@link Limits.documentDepth}; so a value
 *   that contains itself is refused too.
 */
export function assertSafeDocument(document: unknown, limits: Limits): void {
  assertSafe(document, [], limits.documentDepth);
}

/** @param path of `value`; shared by the whole walk and left as it was found. */
function assertSafe(value: unknown, path: string[], limit: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= limit) throw new LimitExceeded('documentDepth', `Document is nested deeper than ${limit} levels`);
  for (const [key, member] of Object.entries(value)) {
    path.push(key);
    if (UNSAFE_KEYS.has(key)) throw new UnsafeKeyError(key, pointer(path));
    assertSafe(member, path, limit);
    path.pop();
  }
}

/** @returns a path as a JSON Pointer (RFC 6901): `/states/a~1b`. */
export function pointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** @throws LimitExceeded when the text is longer than {@link Limits.documentLength}. */
export function assertLength(text: string, limits: Limits): void {
  if (text.length > limits.documentLength) {
    throw new LimitExceeded('documentLength', `Document is longer than ${limits.documentLength} characters`);
  }
}
