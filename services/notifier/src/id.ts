import { createHash, randomBytes } from 'node:crypto';

/** What an id stands for, told by its prefix: a webhook, or a message to one (the receiver's `webhook-id`). */
export type IdKind = 'wh' | 'msg';

/**
 * A new public id such as `wh_0197c1b2d3e4` + 20 random hex digits. It starts with its time in milliseconds, so that ids
 * made one after the other lie side by side in an index, and carries 80 random bits, so that nobody can guess one.
 */
export function newId(kind: IdKind): string {
  return `${kind}_${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}

/**
 * The id of what is made of the same parts at the same time: whoever makes it again makes the same. Of the form of {@link newId}.
 * @param at when, in milliseconds since 1970
 * @param parts of which at least one cannot be guessed
 */
export function idOf(kind: IdKind, at: number, ...parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${kind}_${at.toString(16).padStart(12, '0').slice(-12)}${hash.slice(0, 20)}`;
}
