import type { AnswerOf, rebuildProcess } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { ProcessError, toSnapshot, verify, type Process } from '@handover/process';
import { isUuid } from '../id.js';
import { listingOf } from '../lists/terms.js';
import { replayed } from './past-process.js';
import { findEvents, findProcesses } from './process.repository.js';
import type { ReadPorts } from './read-process.js';
import { notFound } from './refusal.js';
import { recordOf } from './stored-process.js';

type Answer = AnswerOf<typeof rebuildProcess>;

/**
 * Makes what is kept of a process beside its events anew: the snapshot, the columns taken from it, and the terms it is found
 * by. Events are never changed; where their chain does not hold, or cannot be done again, nothing is. A step that a replica
 * decided on what it remembers of before is decided anew.
 * @throws HandoverError `process_not_found`
 */
export async function rebuild({ db, scenarios }: ReadPorts, tenant: string, id: string): Promise<Answer> {
  if (!isUuid(id)) throw notFound();
  return withTenant(db, tenant, async (tx) => {
    const [row] = await findProcesses(tx, [id], true);
    if (!row) throw notFound();
    const events = (await findEvents(tx, [id])).map(({ event }) => event);
    const unsound = verify({ id, events }).firstInvalid;
    if (unsound) return { repaired: false, differences: [], failure: `Event ${unsound.index}: ${unsound.reason}` };
    let process: Process;
    try {
      process = await replayed({ tx, scenarios, tenant }, events);
    } catch (error) {
      if (!(error instanceof ProcessError)) throw error;
      return { repaired: false, differences: [], failure: error.message };
    }
    const startedAt = events[0]?.timestamp ?? row.created_at;
    const { id: _id, snapshot, ...columns } = recordOf({ process, startedAt, repairs: row.repairs });
    const differences = [
      ...differing({ ...row }, columns),
      ...differing({ ...row.snapshot }, { ...toSnapshot(process) }),
    ];
    // Counted where all was well, too: what replicas remember of the process may be wrong though the row is right.
    const values = { ...columns, snapshot, repairs: row.repairs + 1 };
    await tx.updateTable('processes').set(values).where('id', '=', id).execute();
    const { terms, title } = listingOf(process);
    await tx.deleteFrom('process_terms').where('process', '=', id).execute();
    await tx
      .insertInto('process_terms')
      .values(terms.map((term) => ({ tenant, process: id, term, title, created_at: startedAt })))
      .execute();
    return { repaired: differences.length > 0, differences: [...new Set(differences)].sort() };
  });
}

/** Names of the members that are not alike. What has no JSON form was never kept. */
function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): string[] {
  const known = Object.keys(other).filter((key) => Object.hasOwn(one, key) || other[key] !== undefined);
  const written = (value: unknown): string => JSON.stringify(value) ?? '';
  return known.filter((key) => written(one[key]) !== written(other[key]));
}
