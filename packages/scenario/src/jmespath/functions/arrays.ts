import type { Budget } from '../../budget.js';
import { any, array, either, expression, number, object, optional, string } from '../parameters.js';
import { defineFunction, defineVariadic, type FunctionDefinition } from '../registry.js';
import { codePointLength } from './code-points.js';

/** Functions of lists. Source: jmespath.md §3, `range` §3.1. */
export const ARRAY_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  length: defineFunction([either(string, either(array, object))], ([subject], budget) => {
    if (typeof subject === 'string') {
      budget.charge(subject.length / 4);
      return codePointLength(subject);
    }
    if (Array.isArray(subject)) return subject.length;
    const { length } = Object.keys(subject);
    budget.charge(length);
    return length;
  }),
  map: defineFunction([expression, array], ([each, items], budget) =>
    items.map((item) => each.evaluate(item ?? null, budget)),
  ),
  to_array: defineFunction([any], ([value]) => (Array.isArray(value) ? (value as unknown[]) : [value])),
  not_null: defineVariadic(any, (values) => values.find((value) => value !== null)),
  zip: defineVariadic(array, (lists, budget) => {
    const length = Math.min(...lists.map((list) => list.length));
    budget.charge(length * lists.length);
    return Array.from({ length }, (_, index) => lists.map((list) => list[index] ?? null));
  }),
  range: defineFunction([number, optional(number), optional(string)], ([first, end, prefix], budget) =>
    end === undefined ? range(0, first, undefined, budget) : range(first, end, prefix, budget),
  ),
};

/** Whole steps from start up to, not including, end; as strings when there is a prefix. */
function range(start: number, end: number, prefix: string | undefined, budget: Budget): (number | string)[] {
  const length = Math.max(Math.floor(end - start), 0);
  budget.charge(length);
  return Array.from({ length }, (_, index) => (prefix === undefined ? start + index : `${prefix}${start + index}`));
}
