import type { Budget } from '../../budget.js';
import { any, array, either, number, optional, string } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';
import { isEqual } from '../values.js';
import { codePoints } from './code-points.js';
import { integer } from './integers.js';

const SEARCH = [string, string, optional(number), optional(number)] as const;

/** Functions that look for something in a string or list. Source: jmespath.md §3. */
export const SEARCH_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  contains: defineFunction([either(string, array), any], ([subject, needle], budget) => {
    if (typeof subject === 'string') {
      budget.chargeText(subject.length);
      return typeof needle === 'string' ? subject.includes(needle) : null;
    }
    budget.charge(subject.length);
    return subject.some((item) => isEqual(item, needle, budget));
  }),
  starts_with: defineFunction([string, string], ([text, prefix]) => text.startsWith(prefix)),
  ends_with: defineFunction([string, string], ([text, suffix]) => text.endsWith(suffix)),
  find_first: defineFunction(SEARCH, ([text, needle, start, end], budget) =>
    find(text, needle, start, end, budget, (within) => within.indexOf(needle)),
  ),
  find_last: defineFunction(SEARCH, ([text, needle, start, end], budget) =>
    find(text, needle, start, end, budget, (within) => within.lastIndexOf(needle)),
  ),
};

/**
 * Searches a part of a text. Positions count code points; an end below 0 counts from the end of the text, an end of 0
 * is the end of the text, a start below 0 its beginning.
 *
 * @param search Gives the position in UTF-16 units, or -1.
 * @returns The position in the whole text, or null when it is not found or there is nothing to find.
 */
function find(
  text: string,
  needle: string,
  start: number | undefined,
  end: number | undefined,
  budget: Budget,
  search: (within: string) => number,
): number | null {
  budget.charge(text.length / 4);
  const points = codePoints(text);
  const first = Math.max(integer(start ?? 0), 0);
  const last = endPosition(integer(end ?? 0), points.length);
  if (text === '' || needle === '' || last < first) return null;
  const within = points.slice(first, last).join('');
  const found = search(within);
  return found < 0 ? null : first + codePoints(within.slice(0, found)).length;
}

function endPosition(end: number, length: number): number {
  if (end === 0) return length;
  return end < 0 ? Math.max(length + end, 0) : end;
}
