import { isService, serviceName } from '@handover/scenario';

import { guarded } from './error.js';
import type { AvailableAction, Process } from './process.js';
import { stateOf } from './states/enter.js';
import { later } from './timestamp.js';
import { viewOf } from './turn.js';

/** What a service is told when the scenario does not say otherwise (decision 11). */
export interface StandardMessage {
  /** Id of the process. */
  readonly process: string;
  readonly etag: string;
  /** What the service can do now. */
  readonly actions: readonly AvailableAction[];
  readonly instructions?: unknown;
}

/** One service to tell about the state that was entered. */
export interface Notification {
  readonly service: string;
  readonly dueAt: string;
  /** The scenario's own message, untouched, or the standard one. */
  readonly message: unknown;
}

const actorOf = (service: string): string => (isService(service) ? service : `service:${service}`);

/** @param service name of the service, with or without `service:`. */
export function messageFor(process: Process, service: string): StandardMessage {
  const actor = actorOf(service);
  const { actions, instructions } = process.current;
  return {
    process: process.id,
    etag: process.head.hash,
    actions: actions.filter((action) => action.actor.includes(actor)),
    ...(Object.hasOwn(instructions, actor) && { instructions: instructions[actor] }),
  };
}

/** @returns whom to notify when the current state has just been entered, and when. */
export function notifications(process: Process): Notification[] {
  const { notify, timestamp } = process.current;
  return notify.map(({ service, after, message }) => ({
    service,
    dueAt: later(timestamp, after),
    message: message ?? messageFor(process, service),
  }));
}

/**
 * Which action a service performs by its response (process-semantics §10).
 *
 * @param service name of the service, with or without `service:`.
 * @returns null when the response is no action: the state does not notify the service, or its trigger says so.
 * @throws ProcessError when the trigger fails.
 */
export function triggerFor(process: Process, service: string, response: unknown): string | null {
  return guarded(() => {
    const { scenario, current } = process;
    const view = viewOf(process, undefined, { ...current, response, actor: { key: actorOf(service) } });
    const action = stateOf(scenario, current.key).trigger(serviceName(service), view);
    return typeof action === 'string' ? action : null;
  });
}
