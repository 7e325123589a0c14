/** @returns a member an object has itself, not one that every object inherits. */
export function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A JSON object: not null, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @returns a copy of an object with members added or replaced; what comes of it is of type T.
 * Says the same as `{...base, ...members}`; V8 takes ten times longer for that where members are added, and a step does
 * little else.
 */
export function extend<T extends object>(base: Partial<T> | null | undefined, members: Partial<T>): T {
  // Assigning a member of this name would not add it but change the prototype.
  if (base && Object.hasOwn(base, '__proto__')) return { ...base, ...members } as T;
  return Object.assign({}, base, members) as T;
}
