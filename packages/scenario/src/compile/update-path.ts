/** Where an update instruction writes: the steps from the process down to the value. */
export type UpdatePath = readonly string[];

/** An update instruction may not write there. The message is the reference's. */
export class UpdatePathError extends Error {
  override readonly name = 'UpdatePathError';
  readonly code: 'not-allowed' | 'unsafe-key';

  constructor(code: UpdatePathError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const WHOLE_ONLY = new Set(['title', 'previous', 'tags']);
const WITH_MEMBERS = new Set(['result', 'vars', 'actors']);
const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads the `set` of an update instruction: segments separated by dots, `\.` for a dot inside one, `items[1]` or
 * `items.1` for an item. What may be set is exactly `title`, `tags`, `previous`, and `result`, `vars`, `actors`,
 * `current.actor` with everything below. Source: process-semantics §5.
 *
 * @throws {UpdatePathError} for any other path, and for segments that reach an object's prototype.
 */
export function parseUpdatePath(set: unknown): UpdatePath {
  const path = typeof set === 'string' ? split(set) : [];
  if (!isAllowed(path)) {
    throw new UpdatePathError('not-allowed', `Not allowed to set '${String(set)}' through update instructions`);
  }
  const unsafe = path.find((segment) => UNSAFE.has(segment));
  if (unsafe !== undefined) throw new UpdatePathError('unsafe-key', `Cannot set unsafe key: "${unsafe}"`);
  return path;
}

function isAllowed(path: UpdatePath): boolean {
  const [root = '', member] = path;
  if (WITH_MEMBERS.has(root)) return true;
  return root === 'current' ? member === 'actor' : path.length === 1 && WHOLE_ONLY.has(root);
}

function split(text: string): string[] {
  return text
    .split(/(?<!\\)\./)
    .map((segment) => segment.replaceAll('\\.', '.'))
    .flatMap(splitIndexes);
}

/** `items[1][2]` → `items`, `1`, `2`. Brackets around anything but digits belong to the name. */
function splitIndexes(segment: string): string[] {
  const indexes: string[] = [];
  let name = segment;
  for (let match = LAST_INDEX.exec(name); match !== null; match = LAST_INDEX.exec(name)) {
    indexes.unshift(match[1] ?? '');
    name = name.slice(0, match.index);
  }
  return [name, ...indexes];
}

const LAST_INDEX = /(?<=[^[])\[(\d{1,9})\]$/;
