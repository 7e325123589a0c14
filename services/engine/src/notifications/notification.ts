import { ENGINE_SERVICE, type Notification } from '@handover/contracts';
import { later, messageFor, type Change, type Process } from '@handover/process';
import { hash, type CompiledScenario } from '@handover/scenario';

/** A notification as it waits: without a message, where the standard one is to be made when it leaves. */
export type Waiting = Omit<Notification, 'message'> & { readonly message?: unknown };

export interface Delayed {
  /** ISO 8601. */
  readonly dueAt: string;
  readonly notification: Waiting;
}

export interface Told {
  readonly now: readonly Notification[];
  readonly later: readonly Delayed[];
}

/**
 * Whom the changes of a process tell: every state entered notifies, `goto: null` does not (process-semantics §10). Delays
 * of a state that was left again within the same changes are dropped. A scenario that notifies nobody costs one look.
 */
export function toldOf(tenant: string, changes: readonly Change[], causes: ReadonlyMap<Change, string>): Told {
  const entries = changes.filter(({ entered, process }) => entered && process.current.notify.length > 0);
  if (entries.length === 0) return NOBODY;
  const now = entries.flatMap((change) => {
    const { process, event } = change;
    return dueNow(tenant, process, event.hash).map((waiting) =>
      complete(causedBy(causes.get(change), waiting), process),
    );
  });
  const last = changes.findLast(({ entered }) => entered);
  if (!last) return { now, later: [] };
  const later = dueLater(tenant, last.process, last.event.hash).map(({ dueAt, notification }) => ({
    dueAt,
    notification: causedBy(causes.get(last), notification),
  }));
  return { now, later };
}

/** When what the changes of a process delayed is due, ISO 8601. */
export function dueTimes(changes: readonly Change[]): string[] {
  const last = changes.findLast(({ entered }) => entered);
  if (!last) return [];
  const { notify, timestamp } = last.process.current;
  return notify.flatMap(({ after }) => (after > 0 ? [later(timestamp, after)] : []));
}

const causedBy = (traceparent: string | undefined, waiting: Waiting): Waiting =>
  traceparent === undefined ? waiting : { ...waiting, traceparent };

const NOBODY: Told = { now: [], later: [] };

/**
 * Everything the current state notifies, delays not waited for.
 * @param occasion names why it is told; part of the ids, so that the same occasion makes the same deliveries
 */
export function everyNotification(tenant: string, process: Process, occasion: string): Notification[] {
  return waitingOf(tenant, process, occasion).map(({ notification }) => complete(notification, process));
}

/** Gives a notification its message: the scenario's own, or the standard one of the process as it is now. */
export function complete(waiting: Waiting, process: Process): Notification {
  const etag = process.head.hash;
  return { ...waiting, etag, message: waiting.message ?? messageFor(process, waiting.service) };
}

const delaying = new WeakMap<CompiledScenario, boolean>();

/** Whether any state of the scenario notifies with a delay. */
export function hasDelays(scenario: CompiledScenario): boolean {
  let answer = delaying.get(scenario);
  if (answer === undefined) {
    answer = Object.values(scenario.document.states).some(({ notify }) => notify.some(({ after }) => after > 0));
    delaying.set(scenario, answer);
  }
  return answer;
}

function dueNow(tenant: string, process: Process, occasion: string): Waiting[] {
  return waitingOf(tenant, process, occasion).flatMap(({ after, notification }) => (after > 0 ? [] : [notification]));
}

function dueLater(tenant: string, process: Process, occasion: string): Delayed[] {
  return waitingOf(tenant, process, occasion).flatMap(({ after, notification }) =>
    after > 0 ? [{ dueAt: later(process.current.timestamp, after), notification }] : [],
  );
}

/** The platform itself is no service to hand messages to: what a state asks of it is the engine's own business. */
function waitingOf(tenant: string, process: Process, occasion: string): { after: number; notification: Waiting }[] {
  const { id, name, version, title } = process.scenario.document;
  const { key: state, timestamp: entered, notify } = process.current;
  return notify.flatMap(({ service, after, message }, position) => {
    if (service === ENGINE_SERVICE) return [];
    const notification = {
      id: `ntf_${hash([process.id, occasion, position]).slice(0, 32)}`,
      tenant,
      process: process.id,
      etag: process.head.hash,
      state,
      entered,
      service,
      scenario: { id, title, ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
      ...(message !== undefined && { message }),
    };
    return [{ after, notification }];
  });
}
