import type { HandoverEvent } from '@handover/contracts';
import { isActionEvent, isInstantiateEvent, type Change } from '@handover/process';

/**
 * What the world is told of a change: nothing of a refused action, otherwise that the process started or stepped, and, when
 * this ended it, that it completed. Ids derive from the event's hash, so they are the same however often this is asked.
 * @param startedAt time of the process's first event, ISO 8601
 */
export function announce(tenant: string, change: Change, startedAt: string): HandoverEvent[] {
  const { process, event } = change;
  if (isActionEvent(event) && event.skipped) return [];
  const { id, name, version, title } = process.scenario.document;
  const facts = {
    process: process.id,
    title: process.title,
    scenario: { id, title, ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
    state: process.current.key,
    etag: event.hash,
  };
  const envelope = {
    specversion: '1.0',
    source: 'handover/engine',
    subject: process.id,
    time: event.timestamp,
    datacontenttype: 'application/json',
    tenantid: tenant,
  } as const;

  const events: HandoverEvent[] = [];
  if (isInstantiateEvent(event)) {
    events.push({ ...envelope, id: `${event.hash}:started`, type: 'process.started', data: facts });
  }
  if (isActionEvent(event)) {
    const data = { ...facts, action: event.action, actor: event.actor.key };
    events.push({ ...envelope, id: `${event.hash}:stepped`, type: 'process.stepped', data });
  }
  if (!process.isRunning) {
    const data = {
      ...facts,
      result: process.result,
      tags: [...process.tags],
      actors: Object.keys(process.actors),
      startedAt,
      completedAt: event.timestamp,
      durationMs: Date.parse(event.timestamp) - Date.parse(startedAt),
    };
    events.push({ ...envelope, id: `${event.hash}:completed`, type: 'process.completed', data });
  }
  return events;
}
