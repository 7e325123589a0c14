import { LimitExceeded } from '../limits.js';

/**
 * Guards everything recursive that is about to walk a JSON value.
 * @throws LimitExceeded when the value nests more than `limit` arrays and objects.
 */
export function assertDepth(value: unknown, limit: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (limit <= 0) throw new LimitExceeded('documentDepth', 'Document is nested too deeply');
  // A step walks its response: `for in` allocates nothing, and JSON inherits nothing.
  for (const key in value) assertDepth((value as Record<string, unknown>)[key], limit - 1);
}
