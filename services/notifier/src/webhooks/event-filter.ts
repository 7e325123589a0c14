/**
 * Whether a subscription wants events of this type.
 * @param filters event types, or families by wildcard: `process.completed`, `process.*`, `*`
 */
export function matches(filters: readonly string[], type: string): boolean {
  return filters.some(
    (filter) => filter === '*' || filter === type || (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1))),
  );
}
