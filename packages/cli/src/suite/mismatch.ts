import { isDeepStrictEqual } from 'node:util';

/** A step that does not hold, or cannot be taken. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** What is not there equals null, as in expressions. @throws Mismatch saying what is, and what should be */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(plain(actual), plain(expected))) return;
  throw new Mismatch(`${what} is ${shown(actual)}, not ${shown(expected)}`);
}

/** @throws Mismatch with `otherwise` */
export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Mismatch(otherwise);
}

export const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** As JSON has it: without members that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
