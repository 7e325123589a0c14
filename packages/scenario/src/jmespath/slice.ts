import { ExpressionError } from './error.js';
import type { SliceBounds } from './syntax.js';

/**
 * Cuts a slice as Python does: negative bounds count from the end, a negative step walks backwards.
 *
 * @throws {ExpressionError} when the step is 0.
 */
export function slice<T>(items: readonly T[], bounds: SliceBounds): T[] {
  const step = bounds[2] ?? 1;
  if (step === 0) throw new ExpressionError('Invalid value: slice step cannot be 0');
  const { length } = items;
  const clamp = (bound: number): number => {
    const position = bound < 0 ? bound + length : bound;
    return step < 0 ? Math.min(Math.max(position, -1), length - 1) : Math.min(Math.max(position, 0), length);
  };
  const start = bounds[0] === null ? (step < 0 ? length - 1 : 0) : clamp(bounds[0]);
  const stop = bounds[1] === null ? (step < 0 ? -1 : length) : clamp(bounds[1]);
  const result: T[] = [];
  for (let index = start; step < 0 ? index > stop : index < stop; index += step) result.push(items[index] as T);
  return result;
}
