import { HandoverError } from '@handover/contracts';
import { isInstantiateEvent, isMigrationEvent, replay, type Process, type ProcessEvent } from '@handover/process';
import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { EngineSchema } from '../database.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';

const HASH = /^[\da-f]{64}$/;
const instant = z.iso.datetime({ offset: true });

/** What it takes to do again what events record. */
export interface ReplayPorts {
  readonly tx: Transaction<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly tenant: string;
}

/**
 * The process as it was: what its events record up to a moment, done again under the scenario it ran then.
 * @param at hash of an event, or a time (ISO 8601 with offset): after that event, or after the last one up to that time
 * @throws HandoverError `event_not_found`; `invalid_request` when it is neither, or the process had not started
 */
export function asItWas(ports: ReplayPorts, events: readonly ProcessEvent[], at: string): Promise<Process> {
  return replayed(ports, events.slice(0, momentIn(events, at)));
}

/** What events record, done again, under the scenario they lead to. */
export async function replayed(
  { tx, scenarios, tenant }: ReplayPorts,
  events: readonly ProcessEvent[],
): Promise<Process> {
  const [first] = events;
  if (!first || !isInstantiateEvent(first)) throw new Error('the history does not begin with the start of the process');
  const scenario = events.findLast(isMigrationEvent)?.migration.to ?? first.scenario;
  return replay(await scenarios.compiled(tx, tenant, scenario), events);
}

/** Number of events up to a moment. */
function momentIn(events: readonly ProcessEvent[], at: string): number {
  if (HASH.test(at)) {
    const index = events.findIndex(({ hash }) => hash === at);
    if (index < 0) throw new HandoverError('event_not_found', 'The process has no such event');
    return index + 1;
  }
  if (!instant.safeParse(at).success)
    throw invalid('takes the hash of an event, or a time in ISO 8601 with its offset');
  const moment = Date.parse(at);
  const count = events.findLastIndex(({ timestamp }) => Date.parse(timestamp) <= moment) + 1;
  if (count === 0) throw invalid('is before the process was started');
  return count;
}

const invalid = (detail: string): HandoverError =>
  new HandoverError('invalid_request', `The moment asked for ${detail}`, { errors: [{ pointer: '/at', detail }] });
