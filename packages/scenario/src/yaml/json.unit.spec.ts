import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findJsonError } from './json-error.js';
import { parseJson } from './index.js';

describe('parseJson', () => {
  it('reads JSON', () => {
    expect(parseJson(' {"a": [1, -2.5e3, "x\\u00e9", true, null], "b": {}} ')).toEqual({
      a: [1, -2500, 'xé', true, null],
      b: {},
    });
  });

  it.each([
    ['', 1, 1, 'Unexpected end of JSON'],
    ['{\n  "a": 1,\n}', 3, 1, 'Unexpected "}" in JSON'],
    ['{"a" 1}', 1, 6, 'Unexpected "1" in JSON'],
    ['[1, 2', 1, 6, 'Unexpected end of JSON'],
    ['[1 2]', 1, 4, 'Unexpected "2" in JSON'],
    ['[1,]', 1, 4, 'Unexpected "]" in JSON'],
    ['{"a": 01}', 1, 8, 'Unexpected "1" in JSON'],
    ['["a\nb"]', 1, 4, 'Unexpected "\\n" in JSON'],
    ['["\\x"]', 1, 3, 'Unexpected "\\\\" in JSON'],
    ['true false', 1, 6, 'Unexpected "f" in JSON'],
    ["{'a': 1}", 1, 2, 'Unexpected "\'" in JSON'],
    ['[1}', 1, 3, 'Unexpected "}" in JSON'],
  ])('given %j, names line %i, column %i: %s', (text, line, column, message) => {
    expect(() => parseJson(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_JSON',
        line,
        column,
        message: `${message} at line ${line}, column ${column}`,
      }),
    );
  });

  it('refuses keys that reach into prototypes, and depths', () => {
    expect(() => parseJson('{"a": {"__proto__": {}}}')).toThrow(expect.objectContaining({ path: '/a/__proto__' }));
    expect(() => parseJson('['.repeat(20_000) + ']'.repeat(20_000))).toThrow(
      expect.objectContaining({ limit: 'documentDepth' }),
    );
  });

  it('finds the place of an error exactly where JSON.parse fails: cut there, the text is a beginning of JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', 'x', '"', '\\'), (json, at, junk) => {
        const position = at % (json.length + 1);
        const text = json.slice(0, position) + junk + json.slice(position);
        fc.pre(!isJson(text));
        const { offset } = findJsonError(text);
        expect(offset).toBeGreaterThanOrEqual(position > 0 ? 0 : position);
        expect(offset).toBeLessThanOrEqual(text.length);
        // What comes before the place was fine: the same scan of it alone only misses the rest.
        expect(findJsonError(text.slice(0, offset)).offset).toBe(offset);
      }),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
