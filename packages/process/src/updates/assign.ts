import type { UpdatePath } from '@handover/scenario';

import { ProcessError } from '../error.js';
import { extend, isObject, own } from '../json.js';

/** How far beyond its end an item of an array may be set; the gap is filled with null. */
const MAX_GAP = 1_000;

const INDEX = /^\d{1,9}$/;

/** @returns what is at a path, own members only. */
export function valueAt(container: unknown, path: UpdatePath): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return INDEX.test(key) ? (value[Number(key)] as unknown) : undefined;
    return isObject(value) ? own(value, key) : undefined;
  }, container);
}

/**
 * @returns a copy of the container in which a path has a value; everything beside the path is shared.
 * Missing containers on the way are made: arrays where an index follows, objects elsewhere (process-semantics §5.2).
 */
export function assign(container: unknown, path: UpdatePath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(container)) return assignItem(container, key, rest, value);
  if (isObject(container)) return extend(container, { [key]: assign(own(container, key), rest, value) });
  return INDEX.test(key) ? assignItem([], key, rest, value) : { [key]: assign(undefined, rest, value) };
}

function assignItem(items: readonly unknown[], key: string, rest: UpdatePath, value: unknown): unknown[] {
  const index = Number(key);
  if (!INDEX.test(key) || index > items.length + MAX_GAP) {
    throw new ProcessError('invalid-value', `Cannot set item '${key}' of an array with ${items.length} items`);
  }
  const gap = Array.from({ length: Math.max(0, index - items.length) }, () => null);
  const copy: unknown[] = [...items, ...gap];
  copy[index] = assign(items[index], rest, value);
  return copy;
}

/** What an update instruction makes of the old value and the new one (process-semantics §5.3). */
export function combine(mode: 'replace' | 'merge' | 'append', old: unknown, value: unknown): unknown {
  if (mode === 'append') return Array.isArray(old) ? [...(old as unknown[]), value] : [value];
  if (mode === 'replace') return value;
  if (Array.isArray(old) && Array.isArray(value)) return [...(old as unknown[]), ...(value as unknown[])];
  if (isObject(old) && isObject(value)) return { ...old, ...value };
  // Nothing to merge in; values of different kinds replace each other.
  return value === null && typeof old === 'object' ? old : value;
}
