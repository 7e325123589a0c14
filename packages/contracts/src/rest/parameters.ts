import { z } from 'zod';

/** A whole number in a query, sent as digits. */
export function integer(range: { readonly min: number; readonly max: number }) {
  return z.coerce.number<number>().int().min(range.min).max(range.max);
}

const FLAG: Readonly<Record<string, boolean>> = { true: true, '1': true, '': true, false: false, '0': false };

/** A boolean in a query: `true`, `1` or the bare name; `false` or `0` (engine-service E39). */
export function flag() {
  return z.preprocess(
    (value: unknown) => (typeof value === 'string' ? (FLAG[value.toLowerCase()] ?? value) : value),
    z.boolean('must be true or false'),
  ) as z.ZodType<boolean, boolean>;
}

/** Values in a query, separated by commas or each in a parameter of its own. */
export function list<Item extends z.ZodType<unknown, string>>(item: Item, { max }: { readonly max: number }) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value),
    z.array(item).min(1).max(max),
  ) as unknown as z.ZodType<z.output<Item>[], z.input<Item>[]>;
}

/** Values in a query that may hold commas themselves: each in a parameter of its own. */
export function several<Item extends z.ZodType<unknown, string>>(item: Item, { max }: { readonly max: number }) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item).min(1).max(max),
  ) as unknown as z.ZodType<z.output<Item>[], z.input<Item>[]>;
}
