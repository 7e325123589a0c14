import type { CompiledScenario } from '@handover/scenario';

import { ProcessError } from './error.js';
import {
  isInstantiateEvent,
  isMigrationEvent,
  type EventActor,
  type MigrationEvent,
  type ProcessEvent,
} from './events/event.js';
import { seal } from './events/seal.js';
import type { Change } from './process.js';
import { replayUnder } from './replay.js';
import { assertTimestamp } from './timestamp.js';
import { recordOnly } from './turn.js';

export interface MigrateRequest {
  readonly now: string;
  /** Who decided it. */
  readonly actor?: EventActor;
}

/**
 * Takes a process to another scenario (decision 10): all that happened is done again under the new scenario, and an event
 * that says so is added. The events there were stay as they are, hashes included.
 *
 * @param events all events of the process, from the first.
 * @returns the process under the new scenario, with its log written anew.
 * @throws ProcessError when something that happened is not possible under the new scenario.
 */
export function migrate(
  scenario: CompiledScenario,
  events: readonly ProcessEvent[],
  { now, actor }: MigrateRequest,
): Change<MigrationEvent> {
  assertTimestamp(now);
  const [first, ...rest] = events;
  if (first === undefined || !isInstantiateEvent(first)) {
    throw new ProcessError('replay-failed', 'First event must be an instantiate event when migrating');
  }
  const from = events.findLast(isMigrationEvent)?.migration.to ?? first.scenario;
  const replayed = replayUnder(scenario, first, rest);
  const event: MigrationEvent = seal({
    previous: replayed.head.hash,
    timestamp: now,
    migration: { from, to: scenario.id },
    ...(actor && { actor }),
  });
  const { process } = recordOnly(replayed, event);
  return {
    process,
    event,
    log: { rewritten: true, entries: process.history?.previous.toArray() ?? [] },
    entered: false,
  };
}
