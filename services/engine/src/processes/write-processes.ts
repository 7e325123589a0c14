import { ProcessError, isActionEvent, timers, type Change, type Process } from '@handover/process';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { closeIncidents } from '../incidents/incident.repository.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { setTimers } from '../timers/timer.repository.js';
import { announce } from './announce.js';
import { insertEvents, insertProcesses, updateProcesses } from './process.repository.js';
import { rowOf, type ProcessInHand } from './stored-process.js';

/** A process and what happened to it since it was loaded. */
export interface ProcessToWrite {
  readonly isNew: boolean;
  /** Number of events it had when it was loaded. */
  readonly version: number;
  inHand: ProcessInHand;
  readonly changes: Change[];
}

/**
 * Writes processes with everything that follows from what happened to them: events, announcements, appointments, the end of
 * incidents. A handful of statements, however many processes there are.
 * @returns those that were changed by somebody else meanwhile; of them nothing is written
 */
export async function writeProcesses<P extends ProcessToWrite>(
  tx: Transaction<EngineSchema>,
  tenant: string,
  processes: readonly P[],
): Promise<Set<P>> {
  const known = processes.filter(({ isNew }) => !isNew);
  const updates = known.map((each) => ({ expected: each.version, moved: hasMoved(each), row: rowOf(each.inHand) }));
  const updated = await updateProcesses(tx, updates);
  const conflicts = new Set(known.filter(({ inHand }) => !updated.has(inHand.process.id)));
  const written = processes.filter((each) => !conflicts.has(each));

  const added = written.filter(({ isNew }) => isNew).map(({ inHand }) => rowOf(inHand));
  await insertProcesses(tx, tenant, added);
  await insertEvents(tx, tenant, written.flatMap(eventRows));
  await appendToOutbox(
    tx,
    written.flatMap(({ inHand, changes }) => changes.flatMap((change) => announce(tenant, change, inHand.startedAt))),
  );
  await keepTime(tx, tenant, written);
  return conflicts;
}

function eventRows({ version, changes }: ProcessToWrite) {
  return changes.map(({ process, event, log }, position) => ({
    process: process.id,
    index: version + position,
    event,
    log,
  }));
}

/** More happened than that an action was refused. */
const hasMoved = ({ changes }: ProcessToWrite): boolean =>
  changes.some(({ event }) => !isActionEvent(event) || !event.skipped);

const hasTimers = ({ scenario }: Process): boolean => scenario.abilities.timers.length > 0;

/** Makes appointments anew where the process moved or asked for it. Only time can cause incidents, so they end here too. */
async function keepTime(
  tx: Transaction<EngineSchema>,
  tenant: string,
  written: readonly ProcessToWrite[],
): Promise<void> {
  const timed = written
    .filter((each) => hasMoved(each) || each.changes.length === 0)
    .map(({ inHand }) => inHand.process)
    .filter(hasTimers);
  await setTimers(
    tx,
    tenant,
    timed.map((process) => ({ process: process.id, dueAt: nextAppointment(process) })),
  );
  await closeIncidents(
    tx,
    timed.map(({ id }) => id),
  );
}

/** The times that what was written waits for. */
export const appointments = (written: readonly ProcessToWrite[]): string[] =>
  written.flatMap(({ inHand: { process } }) => (hasTimers(process) ? (nextAppointment(process) ?? []) : []));

/** When the process has to be looked at next. A condition that cannot be evaluated is looked at now, and becomes an incident. */
function nextAppointment(process: Process): string | undefined {
  try {
    return timers(process)[0]?.dueAt;
  } catch (error) {
    if (error instanceof ProcessError) return process.head.timestamp;
    throw error;
  }
}
