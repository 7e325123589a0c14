import type { Returned, Statement } from '@handover/database';
import {
  ProcessError,
  isActionEvent,
  isMigrationEvent,
  isTimeoutEvent,
  timers,
  type Change,
  type Process,
} from '@handover/process';
import { keepEngineActions } from '../engine-actions/engine-action.repository.js';
import { closeIncidents } from '../incidents/incident.repository.js';
import { writeTerms } from '../lists/term.repository.js';
import { replaceDelayed } from '../notifications/delayed.repository.js';
import { hasDelays, toldOf, type Told } from '../notifications/notification.js';
import {
  announceAndTake,
  announcedOf,
  announcement,
  notice,
  type Announced,
  type Claim,
} from '../outbox/outbox.repository.js';
import { noteEndings } from '../retention/ending.repository.js';
import { setTimers, type Appointment } from '../timers/timer.repository.js';
import { announce } from './announce.js';
import { insertEvents, insertProcesses, updateProcesses, type ProcessRecord } from './process.repository.js';
import { recordOf, type ProcessInHand } from './stored-process.js';

/** A process and what happened to it since it was loaded. */
export interface ProcessToWrite {
  readonly isNew: boolean;
  /** Number of events it had when it was loaded. */
  readonly version: number;
  /** As it was loaded; undefined when it is new. */
  readonly before: Process | undefined;
  readonly inHand: ProcessInHand;
  readonly changes: readonly Change[];
  /** Traces that changes belong to, as W3C `traceparent`. */
  readonly causes: ReadonlyMap<Change, string>;
}

/** One to be written, with the row it becomes. */
interface Recorded extends ProcessToWrite {
  readonly record: ProcessRecord;
  readonly told: Told;
  /** When it has to be looked at next; undefined when it keeps the appointment it has. */
  readonly appointment: Appointment | undefined;
}

/** What there is to write of one tenant's processes. */
interface Batch {
  readonly tenant: string;
  readonly processes: readonly Recorded[];
}

/** What follows from changes, in the transaction that makes them. Statements do not see each other's results. */
type Part = (batch: Batch) => readonly Statement[];

/** Everything that is written with a change, in this order. */
const PARTS: readonly Part[] = [
  changedProcesses,
  newProcesses,
  terms,
  ({ tenant, processes }) => insertEvents(tenant, processes.flatMap(eventRows)),
  delayedNotifications,
  appointmentsAndIncidents,
  ({ tenant, processes }) =>
    keepEngineActions(
      tenant,
      processes.map(({ inHand: { process }, changes }) => ({ process, changes })),
    ),
  ({ tenant, processes }) => noteEndings(tenant, processes.flatMap(endingOf)),
];

/** The statements that write processes, and what their results mean. */
export interface Writing {
  readonly statements: readonly Statement[];
  /** By process id, the length of its snapshot as JSON. */
  readonly lengths: ReadonlyMap<string, number>;
  /** The times that what is written waits for, ISO 8601. */
  readonly dueTimes: readonly string[];
  /** What was announced, given what the statements returned. */
  announced(returned: Returned): Announced;
}

/**
 * How to write processes with everything that follows from what happened to them: a handful of statements, however many
 * processes there are. They fail together when a process was changed by somebody else meanwhile, see `isVersionConflict`.
 */
export function writingOf(tenant: string, processes: readonly ProcessToWrite[], claim: Claim): Writing {
  const recorded = processes.map((each) => ({
    ...each,
    record: recordOf(each.inHand),
    told: toldOf(tenant, each.changes, each.causes),
    appointment: appointmentOf(each),
  }));
  const outgoing = recorded.flatMap(({ inHand, changes, causes, told }) => [
    ...changes.flatMap((change) => announce(tenant, change, inHand.startedAt, causes.get(change))).map(announcement),
    ...told.now.map(notice),
  ]);
  const batch: Batch = { tenant, processes: recorded };
  const statements = PARTS.flatMap((part) => part(batch));
  const carried = new Set(recorded.flatMap(({ inHand }) => (inHand.carried ? inHand.process.id : [])));
  const last = announceAndTake(tenant, outgoing, claim, carried);
  return {
    statements: [...statements, ...last],
    lengths: new Map(recorded.map(({ record }) => [record.id, record.snapshot.length])),
    dueTimes: recorded.flatMap(({ appointment }) => appointment?.dueAt ?? []),
    announced: (returned) => announcedOf(outgoing, last.length === 0 ? [] : (returned[statements.length] ?? [])),
  };
}

function changedProcesses({ tenant, processes }: Batch): readonly Statement[] {
  const known = processes.filter(({ isNew }) => !isNew);
  return updateProcesses(
    tenant,
    known.map((each) => ({ expected: each.version, moved: hasMoved(each), row: each.record })),
  );
}

function newProcesses({ tenant, processes }: Batch): readonly Statement[] {
  const added = processes.filter(({ isNew }) => isNew);
  return insertProcesses(
    tenant,
    added.map(({ record }) => record),
  );
}

function terms({ tenant, processes }: Batch): readonly Statement[] {
  return writeTerms(
    tenant,
    processes.map(({ before, inHand: { process, startedAt } }) => ({ before, after: process, startedAt })),
  );
}

function delayedNotifications({ tenant, processes }: Batch): readonly Statement[] {
  const delaying = processes.filter(
    ({ inHand, changes }) => hasDelays(inHand.process.scenario) && changes.some(({ entered }) => entered),
  );
  return replaceDelayed(
    tenant,
    delaying.map(({ record, told }) => ({ id: record.id, delayed: told.later })),
  );
}

function eventRows({ version, changes }: ProcessToWrite) {
  return changes.map(({ process, event, log }, position) => ({
    process: process.id,
    index: version + position,
    event,
    log,
  }));
}

/** When the process ended, if it just did. */
function endingOf(each: ProcessToWrite): { id: string; endedAt: string }[] {
  const { id, isRunning, head } = each.inHand.process;
  return isRunning || !hasMoved(each) ? [] : [{ id, endedAt: head.timestamp }];
}

/** More happened than that an action was refused. */
const hasMoved = ({ changes }: ProcessToWrite): boolean =>
  changes.some(({ event }) => !isActionEvent(event) || !event.skipped);

/** Only time can cause incidents, so they end where an appointment is made. */
function appointmentsAndIncidents({ tenant, processes }: Batch): readonly Statement[] {
  const made = processes.flatMap(({ appointment }) => appointment ?? []);
  return [
    ...setTimers(tenant, made),
    ...closeIncidents(
      tenant,
      made.map(({ process }) => process),
    ),
  ];
}

/** It may have an appointment: by its scenario, or by the one it ran under before. */
const isTimed = ({ inHand, changes }: ProcessToWrite): boolean =>
  inHand.process.scenario.abilities.timers.length > 0 || changes.some(({ event }) => isMigrationEvent(event));

/** An appointment is made anew where the process moved or asked for it. */
function appointmentOf(written: ProcessToWrite): Appointment | undefined {
  const { process } = written.inHand;
  const isDue = isTimed(written) && (hasMoved(written) || written.changes.length === 0);
  if (!isDue) return undefined;
  const dueAt = nextLook(process);
  return { process: process.id, dueAt, isRestless: dueAt !== undefined && isRestless(written, dueAt) };
}

/** A timeout sooner than this after the one before is no waiting, in milliseconds. */
const AT_ONCE_MS = 1_000;

function isRestless({ inHand: { process }, changes }: ProcessToWrite, dueAt: string): boolean {
  return (
    changes.every(({ event }) => isTimeoutEvent(event)) &&
    Date.parse(dueAt) - Date.parse(process.head.timestamp) < AT_ONCE_MS
  );
}

/**
 * When the process has to be looked at next. A condition that cannot be evaluated is looked at now, and becomes an incident. A
 * time that has passed is no earlier than its process came to wait for it: a scenario cannot jump the queue of what is due.
 */
function nextLook(process: Process): string | undefined {
  try {
    const dueAt = timers(process)[0]?.dueAt;
    return dueAt === undefined || dueAt > process.head.timestamp ? dueAt : process.head.timestamp;
  } catch (error) {
    if (error instanceof ProcessError) return process.head.timestamp;
    throw error;
  }
}
