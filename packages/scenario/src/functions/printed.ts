/**
 * What JavaScript prints a value as, which templates and `<select>` keys go by: lists joined by commas, objects as
 * `[object Object]`, null and undefined as nothing. Unlike `String()` it never calls a method found in the data.
 */
export function printed(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(printed).join(',');
  return value instanceof Date ? value.toISOString() : '[object Object]';
}
