import type { HandoverEvent } from '@handover/contracts';
import {
  isActionEvent,
  isInstantiateEvent,
  isMigrationEvent,
  type Change,
  type Process,
  type ProcessEvent,
} from '@handover/process';

/**
 * What the world is told of a change: what it was, and, when it ended the process, that it completed. Ids derive from the
 * event's hash, so they are the same however often this is asked.
 * @param startedAt time of the process's first event, ISO 8601
 * @param traceparent the trace it belongs to
 */
export function announce(tenant: string, change: Change, startedAt: string, traceparent?: string): HandoverEvent[] {
  const { process, event } = change;
  const facts = { ...factsOf(process), ...askedBy(change) };
  const envelope = {
    ...envelopeOf(tenant, process, event.timestamp),
    ...(traceparent !== undefined && { traceparent }),
  };
  const isRefused = isActionEvent(event) && event.skipped;
  const happened = whatHappened(event, facts);
  const announcements: HandoverEvent[] = [
    { ...envelope, ...happened, id: `${event.hash}:${happened.type}` } as HandoverEvent,
  ];
  if (!process.isRunning && !isRefused) {
    const data = {
      ...facts,
      // An update can leave no value at all; in JSON that is null.
      result: process.result ?? null,
      actors: Object.keys(process.actors),
      startedAt,
      completedAt: event.timestamp,
      durationMs: Date.parse(event.timestamp) - Date.parse(startedAt),
      endedBy: causeOf(event),
    };
    announcements.push({ ...envelope, id: `${event.hash}:process.completed`, type: 'process.completed', data });
  }
  return announcements;
}

/** Tells that something could not be carried out with nobody waiting. */
export function announceIncident(tenant: string, process: Process, incident: string, reason: string): HandoverEvent {
  const envelope = envelopeOf(tenant, process, new Date().toISOString());
  const data = { ...factsOf(process), incident, reason };
  return { ...envelope, id: `${incident}:process.incident-opened`, type: 'process.incident-opened', data };
}

/** Tells what a scenario wants to have told. @param action id of what asked for it @param time ISO 8601 */
export function announceRaised(
  tenant: string,
  process: Process,
  action: string,
  time: string,
  raised: { readonly name: string; readonly data: unknown },
): HandoverEvent {
  const data = { ...factsOf(process), ...raised };
  return { ...envelopeOf(tenant, process, time), id: `${action}:process.raised`, type: 'process.raised', data };
}

function envelopeOf(tenant: string, process: Process, time: string) {
  return {
    specversion: '1.0',
    source: 'handover/engine',
    subject: process.id,
    time,
    datacontenttype: 'application/json',
    tenantid: tenant,
  } as const;
}

function factsOf(process: Process) {
  const { id, name, version, title } = process.scenario.document;
  return {
    process: process.id,
    title: process.title,
    scenario: { id, title, ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
    state: process.current.key,
    etag: process.head.hash,
    tags: [...process.tags],
  };
}

/** Whom the state that was entered asks at once: until one of them answers, the process waits for a service. */
function askedBy({ process, entered }: Change): { asked?: string[] } {
  if (!entered || !process.isRunning) return {};
  const asked = process.current.notify.filter(({ after }) => after === 0).map(({ service }) => service);
  return asked.length > 0 ? { asked } : {};
}

function causeOf(event: ProcessEvent): 'start' | 'action' | 'timeout' | 'migration' {
  if (isInstantiateEvent(event)) return 'start';
  if (isMigrationEvent(event)) return 'migration';
  return isActionEvent(event) ? 'action' : 'timeout';
}

function whatHappened(event: ProcessEvent, facts: ReturnType<typeof factsOf>) {
  if (isInstantiateEvent(event)) return { type: 'process.started', data: facts } as const;
  if (isMigrationEvent(event)) return { type: 'process.migrated', data: { ...facts, ...event.migration } } as const;
  if (!isActionEvent(event)) return { type: 'process.timed-out', data: facts } as const;
  const data = { ...facts, action: event.action, actor: event.actor.key };
  if (!event.skipped) return { type: 'process.stepped', data } as const;
  return { type: 'process.rejected', data: { ...data, reasons: [...(event.errors ?? [])] } } as const;
}
