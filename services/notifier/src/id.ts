import { randomBytes } from 'node:crypto';

/** What an id stands for, told by its prefix: a webhook, or a message to one (the receiver's `webhook-id`). */
export type IdKind = 'wh' | 'msg';

/**
 * A new public id such as `wh_0197c1b2d3e4` + 20 random hex digits. It starts with its time in milliseconds, so that ids
 * made one after the other lie side by side in an index, and carries 80 random bits, so that nobody can guess one.
 */
export function newId(kind: IdKind): string {
  return `${kind}_${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}
