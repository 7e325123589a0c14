import pg from 'pg';

/**
 * How column values reach JavaScript. One rule: what a row holds can be put into a JSON body as it is.
 *
 * | column        | value                                                                                        |
 * |---------------|----------------------------------------------------------------------------------------------|
 * | `bigint`      | number; a `RangeError` beyond ±(2^53 - 1), never a silently rounded value                      |
 * | `timestamptz` | string, ISO 8601 in UTC with milliseconds: `2025-01-31T09:30:00.000Z`                          |
 * | `date`, `timestamp` | string as Postgres writes it: they name no instant, so no time zone may be guessed       |
 * | `numeric`     | string (the driver's rule): it has no faithful number                                        |
 * | `json(b)`     | the parsed value (the driver's rule)                                                         |
 *
 * Arrays of these hold the same values. Anything else follows the driver. Columns that are ordered or paged by time are
 * best declared `timestamptz(3)`: what the database compares is then exactly what the row shows.
 */
type ParseText = (text: string) => unknown;
type Nested<T> = T | null | Nested<T>[];

const parseInstant = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date | number;
/** Ids of the array types (`pg_type.typarray`), which the driver does not name. */
const ARRAY: Readonly<Record<'text' | 'int8' | 'timestamptz' | 'date' | 'timestamp', number>> = {
  text: 1009,
  int8: 1016,
  timestamptz: 1185,
  date: 1182,
  timestamp: 1115,
};
const parseTextArray = pg.types.getTypeParser(ARRAY.text) as (text: string) => Nested<string>[];

/** @throws RangeError when the number cannot be held exactly. */
export function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is too large to be read as a number`);
  return value;
}

/** `infinity` and `-infinity` stay the words they are: they have no ISO 8601 form. */
export function parseTimestamptz(text: string): string {
  const instant = parseInstant(text);
  return instant instanceof Date ? instant.toISOString() : text;
}

const arrayOf = (parse: ParseText): ParseText => {
  const each = (entry: Nested<string>): unknown =>
    entry === null ? null : Array.isArray(entry) ? entry.map(each) : parse(entry);
  return (text) => parseTextArray(text).map(each);
};

const asWritten: ParseText = (text) => text;

const parsers = new Map<number, ParseText>([
  [pg.types.builtins.INT8, parseBigint],
  [ARRAY.int8, arrayOf(parseBigint)],
  [pg.types.builtins.TIMESTAMPTZ, parseTimestamptz],
  [ARRAY.timestamptz, arrayOf(parseTimestamptz)],
  [pg.types.builtins.DATE, asWritten],
  [ARRAY.date, arrayOf(asWritten)],
  [pg.types.builtins.TIMESTAMP, asWritten],
  [ARRAY.timestamp, arrayOf(asWritten)],
]);

/** For a pool's or client's `types` option: holds for its connections only, the driver's global table stays untouched. */
export const columnValues: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? (pg.types.getTypeParser(oid, format) as ParseText),
};
