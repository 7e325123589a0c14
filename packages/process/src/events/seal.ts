import { hash } from '@handover/scenario';

import type { ActionEvent, ProcessEvent } from './event.js';

/** Closes an event: its hash is that of its stable JSON (process-semantics §6). */
export function seal<E extends object>(event: E): E & { readonly hash: string } {
  return Object.assign({}, event, { hash: hash(event) });
}

/**
 * Turns a sealed action event into the record of a refusal. The reference hashes such events twice, the second time with
 * the first hash still inside (process-semantics §3.3); so do we, to keep chains equal (decision 3).
 */
export function sealSkipped(event: ActionEvent, errors: readonly string[]): ActionEvent {
  return seal({ ...event, skipped: true, errors });
}

/** @returns whether an event's content matches its hash. A skipped event may also be hashed once, cleanly. */
export function isSealed(event: ProcessEvent): boolean {
  const { hash: recorded, ...content } = event as ActionEvent;
  if (recorded === hash(content)) return true;
  if (content.skipped !== true) return false;
  const { errors, ...accepted } = content;
  return recorded === sealSkipped(seal({ ...accepted, skipped: false }), errors ?? []).hash;
}
