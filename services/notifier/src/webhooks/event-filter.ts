import type { HandoverEvent } from '@handover/contracts';

/** What a webhook wants to be told of. */
export interface EventFilter {
  readonly events: readonly string[];
  /** Names or ids; null: of all. */
  readonly scenarios: readonly string[] | null;
}

/**
 * Whether a webhook is told of an event.
 * @param type by which it is told; another one than the event's own is for those who name it, as its messages are of another form
 */
export function wants({ events, scenarios }: EventFilter, event: HandoverEvent, type: string = event.type): boolean {
  if (type === event.type ? !matches(events, type) : !events.includes(type)) return false;
  if (scenarios === null) return true;
  const scenario = 'scenario' in event.data ? event.data.scenario : undefined;
  return scenario !== undefined && scenarios.some((wanted) => wanted === scenario.id || wanted === scenario.name);
}

/**
 * Whether a subscription wants events of this type.
 * @param filters event types, or families by wildcard: `process.completed`, `process.*`, `*`
 */
export function matches(filters: readonly string[], type: string): boolean {
  return filters.some(
    (filter) => filter === '*' || filter === type || (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1))),
  );
}
