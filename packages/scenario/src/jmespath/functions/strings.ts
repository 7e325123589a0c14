import type { Budget } from '../../budget.js';
import { array, either, number, optional, string, strings } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';
import { codePoints } from './code-points.js';
import { nonNegativeInteger } from './integers.js';

/** Functions that build strings from strings. Source: jmespath.md §3. */
export const STRING_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  lower: defineFunction([string], ([text], budget) => {
    budget.chargeText(text.length);
    return text.toLowerCase();
  }),
  upper: defineFunction([string], ([text], budget) => {
    budget.chargeText(text.length);
    return text.toUpperCase();
  }),
  reverse: defineFunction([either(string, array)], ([subject], budget) => {
    budget.charge(subject.length);
    return typeof subject === 'string' ? codePoints(subject).reverse().join('') : subject.toReversed();
  }),
  join: defineFunction([string, strings], ([glue, parts], budget) => join(glue, parts, budget)),
  split: defineFunction([string, string, optional(number)], ([text, separator, count], budget) =>
    split(text, separator, count, budget),
  ),
  replace: defineFunction([string, string, string, optional(number)], ([text, old, replacement, count], budget) => {
    if (text === '') return '';
    return join(replacement, split(text, old, count, budget), budget);
  }),
};

function join(glue: string, parts: readonly string[], budget: Budget): string {
  let units = glue.length * Math.max(parts.length - 1, 0);
  for (const part of parts) units += part.length;
  budget.charge(parts.length);
  budget.chargeText(units);
  return parts.join(glue);
}

/**
 * Cuts a text at each occurrence of the separator; an empty one cuts between all code points.
 *
 * @param count At most so many cuts; the last part is the rest. No limit when left out.
 */
function split(text: string, separator: string, count: number | undefined, budget: Budget): string[] {
  budget.charge(text.length);
  const cuts = count === undefined ? Infinity : nonNegativeInteger(count);
  if (cuts === 0) return [text];
  const parts = separator === '' ? codePoints(text) : text.split(separator);
  if (parts.length <= cuts + 1) return parts;
  return [...parts.slice(0, cuts), parts.slice(cuts).join(separator)];
}
