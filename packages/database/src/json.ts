import { type RawBuilder, sql } from 'kysely';

/**
 * A value for a `jsonb` column. Needed because the driver writes an array as a Postgres array and a string as bare text.
 * @param value anything `JSON.stringify` accepts; `null` is the JSON null, not the SQL one.
 */
export function jsonb<T>(value: T): RawBuilder<T> {
  return sql<T>`${JSON.stringify(value)}::jsonb`;
}
