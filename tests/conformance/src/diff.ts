/** One place where two JSON values differ. */
export interface Difference {
  /** JSON Pointer, with what was compared in front: `normalized/states/initial/title`. */
  readonly path: string;
  /** undefined: absent. */
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Compares as JSON: the order of keys does not count, an undefined member is an absent one, dates are their ISO text.
 * @param path what is compared, for the differences to name.
 */
export function diff(path: string, expected: unknown, actual: unknown): Difference[] {
  return [...differences(path, toJson(expected), toJson(actual))];
}

function toJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

function* differences(path: string, expected: unknown, actual: unknown): Generator<Difference> {
  if (expected === actual) return;
  if (!isCollection(expected) || !isCollection(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    yield { path, expected, actual };
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const child = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    yield* differences(child, memberOf(expected, key), memberOf(actual, key));
  }
}

const isCollection = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const memberOf = (collection: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(collection, key) ? collection[key] : undefined;

/** @returns the difference as lines to read. */
export function describe({ path, expected, actual }: Difference): string {
  return [path, `  expected ${show(expected)}`, `  got      ${show(actual)}`].join('\n');
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 500 ? `${text.slice(0, 500)}… (${text.length} characters)` : text;
}
