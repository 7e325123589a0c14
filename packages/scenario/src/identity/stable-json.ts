/**
 * Writes a value as *stable JSON*: the text `JSON.stringify` gives, with the keys of every object sorted by UTF-16 code
 * units and no white space. Two values are equal documents exactly when their stable JSON is equal.
 *
 * Undefined members, functions and symbols are left out of objects and become `null` in arrays and at the top; numbers
 * that are not finite become `null`; dates (anything with `toJSON`) become what `toJSON` returns. Source:
 * scenario-language §7.3.
 *
 * @param value JSON data, at most as deep as a document may be.
 * @returns The text hashes and ids are computed from.
 * @throws {TypeError} for a bigint, as `JSON.stringify` does.
 */
export function stableJson(value: unknown): string {
  return write(value) ?? 'null';
}

/** Characters `JSON.stringify` escapes; surrogates are left to it, because it escapes lone ones only. */
// eslint-disable-next-line no-control-regex -- control characters are what has to be found
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Quoting by hand is several times faster than a call of `JSON.stringify`, and most strings need no escape. */
function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** @returns The JSON text, or undefined for what JSON leaves out. */
function write(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : writeObject(value);
    case 'bigint':
      throw new TypeError('Do not know how to serialize a BigInt');
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
  }
}

function writeObject(value: object): string | undefined {
  if (Array.isArray(value)) return writeArray(value);
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? write(toJSON.call(value)) : writeMembers(value as Record<string, unknown>);
}

function writeArray(items: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += write(items[index]) ?? 'null';
  }
  return text + ']';
}

function writeMembers(members: Record<string, unknown>): string {
  let text = '{';
  for (const key of sorted(Object.keys(members))) {
    const written = write(members[key]);
    if (written === undefined) continue;
    text += text.length > 1 ? `,${quote(key)}:${written}` : `${quote(key)}:${written}`;
  }
  return text + '}';
}

/** Objects of up to so many members are sorted by insertion, which for them beats the general sort several times. */
const FEW = 16;

/** Sorts keys in place by UTF-16 code units, as `<` and the default of `sort()` do. */
function sorted(keys: string[]): string[] {
  if (keys.length > FEW) return keys.sort();
  for (let end = 1; end < keys.length; end++) {
    const key = keys[end] ?? '';
    let place = end;
    for (; place > 0; place--) {
      const before = keys[place - 1] ?? '';
      if (before <= key) break;
      keys[place] = before;
    }
    keys[place] = key;
  }
  return keys;
}
