import { withoutHistory } from '@handover/process';
import { separatesDuties } from './separation.js';
import type { ProcessInHand } from './stored-process.js';

/**
 * Processes as they were last written by this replica. A hint, never the truth: what is decided on one counts only if its
 * version is still that of the row when it is written, and a decision that writes nothing is made again on the row itself.
 */
export interface ProcessCache {
  get(tenant: string, id: string): ProcessInHand | undefined;
  /** @param jsonLength length of its snapshot as JSON */
  keep(tenant: string, inHand: ProcessInHand, jsonLength: number): void;
  forget(tenant: string, ids: Iterable<string>): void;
}

/** What a character of JSON takes as objects, about; and an event with its log, where the past is kept too. */
const BYTES_PER_CHARACTER = 4;
const BYTES_PER_EVENT = 2_000;

interface Kept {
  readonly inHand: ProcessInHand;
  readonly bytes: number;
}

/** @param maxBytes about so much memory; what was used longest ago goes first */
export function createProcessCache(maxBytes: number): ProcessCache {
  // A Map iterates in insertion order: what is used is put in again, so the first is the oldest.
  const kept = new Map<string, Kept>();
  let bytes = 0;

  const remove = (key: string): Kept | undefined => {
    const found = kept.get(key);
    if (found && kept.delete(key)) bytes -= found.bytes;
    return found;
  };
  const add = (key: string, entry: Kept): void => {
    kept.set(key, entry);
    bytes += entry.bytes;
  };

  return {
    get(tenant, id) {
      const found = remove(`${tenant}/${id}`);
      if (found) add(`${tenant}/${id}`, found);
      return found?.inHand;
    },
    keep(tenant, inHand, jsonLength) {
      const { process: whole } = inHand;
      const keepsPast = whole.history === undefined || separatesDuties(whole.scenario);
      const process = keepsPast ? whole : withoutHistory(whole);
      const key = `${tenant}/${process.id}`;
      remove(key);
      const past = process.history ? process.head.count * BYTES_PER_EVENT : 0;
      const size = jsonLength * BYTES_PER_CHARACTER + past;
      // One that has no room would only drive all others out.
      if (size > maxBytes) return;
      add(key, { inHand: { ...inHand, process }, bytes: size });
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    forget(tenant, ids) {
      for (const id of ids) remove(`${tenant}/${id}`);
    },
  };
}
