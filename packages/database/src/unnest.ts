/**
 * Columns of many rows, each as one parameter for `unnest`. The driver would quote and escape every value of an array, which
 * for documents costs more than writing them.
 */

/** Stands between documents: JSON never holds it unescaped. */
const SEPARATOR = '\u001e';

/** Documents as one text, for {@link documentsIn}. @param documents JSON as `JSON.stringify` writes it */
export const documentColumn = (documents: readonly string[]): string => documents.join(SEPARATOR);

/** SQL for the `text[]` of documents in a parameter, such as `$4`; to be cast to `json` where they are written. */
export const documentsIn = (parameter: string): string => `string_to_array(${parameter}::text, e'\\x1e')`;

/** An array of values that need no quotes: UUIDs, numbers, booleans, instants in ISO 8601. */
export const plainColumn = (values: readonly (string | number | boolean)[]): string => `{${values.join(',')}}`;
