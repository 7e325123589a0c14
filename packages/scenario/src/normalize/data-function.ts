import { isObject } from './json.js';
import type { DataFunction } from './normalized.js';

/** The keys that make an object a data function, in the order they are looked at (§6). */
export const FUNCTION_KEYS = ['<ref>', '<tpl>', '<select>'] as const;

/** @returns Whether the value is computed when it is needed, not taken as it stands. */
export function isDataFunction(value: unknown): value is DataFunction {
  return isObject(value) && FUNCTION_KEYS.some((key) => Object.hasOwn(value, key));
}
