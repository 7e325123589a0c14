/** What may come next: the states of a parser that only looks for the place where it gets stuck. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | 'next' | 'end';

const SPACE = /[ \t\n\r]*/y;
const STRING_BODY = /(?:[^"\\\p{Cc}]+|\x7f|[\x80-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Finds the first place where a text stops being JSON. Linear in its length, without recursion.
 * @returns the offset in UTF-16 units, and what is wrong there.
 */
export function findJsonError(text: string): { offset: number; message: string } {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    offset = skip(SPACE, text, offset);
    const char = text[offset];
    if (char === undefined) return { offset, message: 'Unexpected end of JSON' };
    const step = advance(text, offset, expected, open);
    if (typeof step === 'number') return { offset: step, message: describe(text, step) };
    [offset, expected] = step;
  }
}

/** Takes one token. @returns where the next one starts and what it may be, or the offset of the error. */
function advance(
  text: string,
  offset: number,
  expected: Expected,
  open: ('[' | '{')[],
): [offset: number, expected: Expected] | number {
  const char = text.charAt(offset);
  const afterValue = open.length > 0 ? 'next' : 'end';
  if (closes(char, expected, open)) {
    open.pop();
    return [offset + 1, open.length > 0 ? 'next' : 'end'];
  }
  switch (expected) {
    case 'end':
      return offset;
    case 'next':
      if (char !== ',') return offset;
      return [offset + 1, open.at(-1) === '{' ? 'key' : 'value'];
    case ':':
      return char === ':' ? [offset + 1, 'value'] : offset;
    case 'key':
    case 'key or }':
      return char === '"' ? takeString(text, offset, ':') : offset;
    case 'value':
    case 'value or ]': {
      if (char === '"') return takeString(text, offset, afterValue);
      if (char === '[' || char === '{') {
        open.push(char);
        return [offset + 1, char === '[' ? 'value or ]' : 'key or }'];
      }
      const end = skip(SCALAR, text, offset);
      return end > offset ? [end, afterValue] : offset;
    }
  }
}

function closes(char: string, expected: Expected, open: readonly string[]): boolean {
  if (char === ']') return open.at(-1) === '[' && (expected === 'next' || expected === 'value or ]');
  return char === '}' && open.at(-1) === '{' && (expected === 'next' || expected === 'key or }');
}

function takeString(text: string, offset: number, next: Expected): [number, Expected] | number {
  const end = skip(STRING_BODY, text, offset + 1);
  return text[end] === '"' ? [end + 1, next] : end;
}

/** @returns the end of what the sticky pattern matches at the offset; the offset itself when it does not match. */
function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

function describe(text: string, offset: number): string {
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return offset < text.length ? `Unexpected ${JSON.stringify(char)} in JSON` : 'Unexpected end of JSON';
}
