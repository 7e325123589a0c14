import type { Budget } from '../../budget.js';
import { ExpressionError } from '../error.js';
import { array, either, expression, numbers, strings } from '../parameters.js';
import type { ExpressionReference } from '../reference.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';
import { setOwnMember, typeName } from '../values.js';
import { compareCodePoints } from './code-points.js';

/** What can be ordered: numbers by size, strings by code points. */
type Key = number | string;

/** Functions that order or group. Source: jmespath.md §3; orders by the REC (numbers as numbers, stable). */
export const ORDER_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  max: defineFunction([either(numbers, strings)], ([values], budget) => extreme(values, values, 1, budget)),
  min: defineFunction([either(numbers, strings)], ([values], budget) => extreme(values, values, -1, budget)),
  sort: defineFunction([either(strings, numbers)], ([values], budget) => {
    chargeSort(values, budget);
    return (values as Key[]).toSorted(compareKeys);
  }),
  max_by: defineFunction([array, expression], ([items, by], budget) => extremeBy(items, by, 1, budget)),
  min_by: defineFunction([array, expression], ([items, by], budget) => extremeBy(items, by, -1, budget)),
  sort_by: defineFunction([array, expression], ([items, by], budget) => sortBy(items, by, budget)),
  group_by: defineFunction([array, expression], ([items, by], budget) => groupBy(items, by, budget)),
};

/** Orders two keys of one type. */
function compareKeys(left: Key, right: Key): number {
  return typeof left === 'number' && typeof right === 'number'
    ? left - right
    : compareCodePoints(String(left), String(right));
}

/** @returns The item whose key is first in the direction of `sign`; the earliest of several; null when there is none. */
function extreme(items: readonly unknown[], keys: readonly Key[], sign: 1 | -1, budget: Budget): unknown {
  budget.charge(keys.length);
  let best: Key | undefined;
  let item: unknown = null;
  for (const [index, key] of keys.entries()) {
    if (best !== undefined && !outranks(key, best, sign)) continue;
    best = key;
    item = items[index];
  }
  return item;
}

/** A number outranks any string, so that a stray string among numbers never wins; as in the reference. */
function outranks(candidate: Key, best: Key, sign: 1 | -1): boolean {
  if (typeof candidate !== typeof best) return typeof candidate === 'number';
  return compareKeys(candidate, best) * sign > 0;
}

function extremeBy(items: readonly unknown[], by: ExpressionReference, sign: 1 | -1, budget: Budget): unknown {
  const keys = items.map((item) => {
    const key = by.evaluate(item ?? null, budget);
    if (typeof key === 'number' || typeof key === 'string') return key;
    throw new ExpressionError(`Invalid type: expected one of (number | string), received ${typeName(key)}`);
  });
  const winner = extreme(items, keys, sign, budget);
  // `0`, `''` and `false` are not given back as winners: a quirk of the reference.
  return winner === 0 || winner === '' || winner === false ? null : winner;
}

function sortBy(items: readonly unknown[], by: ExpressionReference, budget: Budget): unknown[] {
  const keyed = items.map((item) => ({ item, key: by.evaluate(item ?? null, budget) }));
  const type = typeName(keyed[0]?.key);
  if (keyed.length > 0 && type !== 'number' && type !== 'string') {
    throw new ExpressionError(`Invalid type: unexpected type (${type})`);
  }
  const sortable = keyed.map(({ item, key }) => {
    if (typeName(key) === type) return { item, key: key as Key };
    throw new ExpressionError(`Invalid type: expected (${type}), received ${typeName(key)}`);
  });
  chargeSort(
    sortable.map(({ key }) => key),
    budget,
  );
  return sortable.sort((left, right) => compareKeys(left.key, right.key)).map(({ item }) => item);
}

function groupBy(items: readonly unknown[], by: ExpressionReference, budget: Budget): Record<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const key = by.evaluate(item ?? null, budget);
    if (typeof key !== 'string') {
      throw new ExpressionError(`Invalid type: expected one of (string), received ${typeName(key)}`);
    }
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  const result: Record<string, unknown[]> = {};
  for (const [key, group] of groups) setOwnMember(result, key, group);
  return result;
}

/** Sorting n keys takes n·log n comparisons, each of which may read both keys to their end. */
function chargeSort(keys: readonly Key[], budget: Budget): void {
  const rounds = Math.ceil(Math.log2(keys.length + 1));
  let units = 0;
  for (const key of keys) units += typeof key === 'string' ? key.length : 1;
  budget.charge(Math.ceil((keys.length + units / 16) * rounds * 0.25));
}
