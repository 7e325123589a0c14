import type { Budget } from '../../budget.js';
import { ExpressionError } from '../error.js';
import { any, array, arrays, object, optional, string } from '../parameters.js';
import { defineFunction, defineVariadic, type FunctionDefinition } from '../registry.js';
import { ownMember, setOwnMember, type JsonObject } from '../values.js';

/** Functions of objects. Source: jmespath.md §3, `get` §3.1, `to_object` §4. */
export const OBJECT_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  keys: defineFunction([object], ([subject], budget) => keysOf(subject, budget)),
  values: defineFunction([object], ([subject], budget) =>
    keysOf(subject, budget).map((key) => ownMember(subject, key)),
  ),
  items: defineFunction([object], ([subject], budget) =>
    keysOf(subject, budget).map((key) => [key, ownMember(subject, key)]),
  ),
  get: defineFunction(
    [object, string, optional(any)],
    ([subject, key, fallback]) => ownMember(subject, key) ?? fallback,
  ),
  merge: defineVariadic(object, (objects, budget) => {
    const result: Record<string, unknown> = {};
    for (const each of objects) {
      for (const key of keysOf(each, budget)) setOwnMember(result, key, each[key] ?? null);
    }
    return result;
  }),
  from_items: defineFunction([arrays], ([pairs], budget) => {
    if (pairs.every(isItem)) return fromPairs(pairs, budget);
    throw new ExpressionError('invalid value, each array must contain two elements, a pair of string and value');
  }),
  to_object: defineFunction([array], ([pairs], budget) => fromPairs(pairs, budget)),
};

function keysOf(subject: JsonObject, budget: Budget): string[] {
  const keys = Object.keys(subject);
  budget.charge(keys.length);
  return keys;
}

function isItem(pair: readonly unknown[]): boolean {
  return pair.length === 2 && typeof pair[0] === 'string';
}

/** Builds an object from pairs; what is no pair of a name and a value is left out. */
function fromPairs(pairs: readonly unknown[], budget: Budget): Record<string, unknown> {
  budget.charge(pairs.length);
  const result: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [key, value] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    if (value !== undefined) setOwnMember(result, String(key), value);
  }
  return result;
}
