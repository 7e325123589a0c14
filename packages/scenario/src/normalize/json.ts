/** A plain JSON value. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object: what a map of a scenario is. */
export type JsonObject = Record<string, JsonValue>;

/** @returns Whether the value is a map: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A copy as JSON would carry it: it shares nothing with the value, not even what the value shares with itself (YAML
 * anchors), and has no undefined members.
 */
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyJson);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, copyJson(member)]));
}

/** @returns the map with the same keys, in the same order, and each value replaced. */
export function mapValues<V, R>(map: Readonly<Record<string, V>>, replace: (value: V, key: string) => R) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, replace(value, key)])) as Record<string, R>;
}
