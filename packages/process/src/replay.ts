import type { CompiledScenario } from '@handover/scenario';

import { guarded, ProcessError } from './error.js';
import {
  isActionEvent,
  isInstantiateEvent,
  isMigrationEvent,
  type ActionEvent,
  type InstantiateEvent,
  type MigrationEvent,
  type ProcessEvent,
  type TimeoutEvent,
} from './events/event.js';
import { isSealed } from './events/seal.js';
import { begin } from './instantiate.js';
import type { Process } from './process.js';
import { perform } from './step.js';
import { dueTimeout, fire } from './timeout.js';
import { secondsBetween } from './timestamp.js';
import { endTurn, recordOnly } from './turn.js';

export interface ReplayOptions {
  /** Called before each event with the process as it is then; undefined before the first. */
  readonly onEvent?: (before: Process | undefined, event: ProcessEvent) => void;
}

/**
 * Does again what events record, along the same path as it was done at first (process-semantics §9, decision 10). Events
 * that were skipped stay without effect. Who acted was checked when it happened, so it is not checked again.
 *
 * @param from a scenario to start from the first event, or a process that the events continue. The scenario is the one the
 * process runs under: after a migration, the one it migrated to.
 * @throws ProcessError `replay-failed` when an event does not follow from what was before, `event-altered` when it does not
 * match its hash.
 */
export function replay(
  from: CompiledScenario | Process,
  events: readonly ProcessEvent[],
  options: ReplayOptions = {},
): Process {
  if ('head' in from) return events.reduce((process, event) => follow(process, event, undefined, options), from);
  const [first, ...rest] = events;
  if (first === undefined || !isInstantiateEvent(first)) {
    throw failed('First event must be an instantiate event when replaying from genesis');
  }
  const migration = events.findLast(isMigrationEvent);
  const id = migration?.migration.to ?? first.scenario;
  if (id !== from.id) throw failed(`Event scenario id '${id}' does not match scenario id '${from.id}'`);
  return replayUnder(from, first, rest, options);
}

/** Replays from the first event, whatever scenarios the events name. */
export function replayUnder(
  scenario: CompiledScenario,
  first: InstantiateEvent,
  rest: readonly ProcessEvent[],
  options: ReplayOptions = {},
): Process {
  options.onEvent?.(undefined, first);
  const { process } = guarded(() => begin(scenario, first));
  assertSealed(first);
  let named = first.scenario;
  return rest.reduce((before, event) => {
    const after = follow(before, event, named, options);
    if (isMigrationEvent(event)) named = event.migration.to;
    return after;
  }, process);
}

/** @param named id of the scenario that the events so far lead to; undefined when a process is continued. */
function follow(process: Process, event: ProcessEvent, named: string | undefined, { onEvent }: ReplayOptions): Process {
  if (isInstantiateEvent(event)) throw failed('Cannot replay an instantiate event');
  if (event.previous !== process.head.hash) {
    throw failed(
      `Event ${event.hash} does not follow previous event; expected ${process.head.hash}, got ${event.previous}`,
    );
  }
  onEvent?.(process, event);
  const after = guarded(() => apply(process, event, named));
  assertSealed(event);
  return after;
}

function apply(process: Process, event: Exclude<ProcessEvent, InstantiateEvent>, named: string | undefined): Process {
  if (isActionEvent(event)) return applyAction(process, event);
  return isMigrationEvent(event) ? applyMigration(process, event, named) : applyTimeout(process, event);
}

function applyAction(process: Process, event: ActionEvent): Process {
  if (event.skipped) return recordOnly(process, event).process;
  const outcome = perform(process, event, 'replay');
  if (outcome.errors) throw failed(`Event ${event.hash} should have been skipped:\n${outcome.errors.join('\n')}`);
  return endTurn(outcome.turn).process;
}

function applyTimeout(process: Process, event: TimeoutEvent): Process {
  const elapsed = secondsBetween(process.current.timestamp, event.timestamp);
  const taken = dueTimeout(process, elapsed, true);
  if (!taken) throw failed(`Timeout event ${event.hash} should not have been triggered`);
  return fire(process, event, taken).process;
}

/** Everything is replayed under the scenario of the last migration, so migrations themselves change nothing. */
function applyMigration(process: Process, event: MigrationEvent, named: string | undefined): Process {
  if (named === undefined) throw failed('Cannot replay a migration onto a process; replay it from its first event');
  if (event.migration.from !== named) {
    throw failed(`Migration event ${event.hash} does not start from scenario '${named}'`);
  }
  return recordOnly(process, event).process;
}

function assertSealed(event: ProcessEvent): void {
  if (!isSealed(event)) throw new ProcessError('event-altered', `Event ${event.hash} does not match its hash`);
}

const failed = (message: string): ProcessError => new ProcessError('replay-failed', message);
