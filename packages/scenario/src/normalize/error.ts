import { isObject } from './json.js';

/** A document that cannot be normalised. The messages of the reference are kept word for word. */
export class NormalizeError extends Error {
  override readonly name = 'NormalizeError';
}

/**
 * The map an author wrote, where null stands for an empty one.
 * @param what how the message names it, e.g. `state 'initial'`.
 * @throws NormalizeError when it is something else.
 */
export function objectOrEmpty(value: unknown, what: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (!isObject(value)) throw new NormalizeError(`Invalid ${what}: must be an object`);
  return value;
}
