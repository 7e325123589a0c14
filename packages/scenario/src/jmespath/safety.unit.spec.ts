import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LimitExceeded } from '../limits.js';
import { MOST_CPU, cpuOf } from '../test/cpu-of.js';
import { compileExpression, ExpressionError } from './index.js';

describe('prototypes are out of reach', () => {
  const hostile: unknown = JSON.parse(
    '{"pairs":[["__proto__",{"polluted":true}]],"o":{"__proto__":{"polluted":true}},"l":[{"k":"__proto__"}]}',
  );

  it.each([
    'from_items(pairs)',
    'to_object(pairs)',
    'merge(o, o)',
    '{"__proto__": pairs}',
    'group_by(l, &k)',
    'json_parse(\'{"__proto__":{"polluted":true}}\')',
  ])('%s makes an ordinary member of __proto__', (text) => {
    const result = compileExpression(text).evaluate(hostile) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect((result as { polluted?: unknown }).polluted).toBeUndefined();
    expect((Object.prototype as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])('finds no inherited %s', (name) => {
    expect(
      compileExpression(`[a."${name}", a.b."${name}", get(a, '${name}'), l."${name}"]`).evaluate({
        a: { b: 'x' },
        l: [],
      }),
    ).toEqual([null, null, null, null]);
  });
});

describe('hostile expressions end soon', () => {
  const data = {
    s: 'a'.repeat(200_000),
    l: Array.from({ length: 5000 }, (_, n) => ({ n, t: 'x'.repeat(20) })),
    nums: Array.from({ length: 20_000 }, (_, n) => (n * 7919) % 20_000),
    o: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n])),
    ab: Array.from({ length: 20_000 }, (_, n) => (((n * 7919) >> 3) % 2 ? 'a' : 'b')).join(''),
  };
  const doubled = '[@, @] | '.repeat(60);

  it.each<[name: string, text: string]>([
    ['a huge range', 'range(1000000000)'],
    ['an endless range', 'range(0, `1e300`)'],
    ['huge padding', "pad_left('a', `1e12`)"],
    ['nested maps', 'map(&map(&map(&@, $.nums), $.nums), nums)'],
    ['nested projections', 'l[*].[$.l[*].[$.l]]'],
    ['nested filters', 'nums[?contains($.nums, @)]'],
    ['a join that blows up', 'join(s, map(&to_string(@), nums))'],
    ['a replacement that blows up', "replace(s, 'a', s)"],
    ['a value that doubles with every pipe', `${doubled}@`],
    ['its text', `${doubled}to_string(@)`],
    ['its stable text', `${doubled}json_serialize(@)`],
    ['comparing it', `let $a = ${doubled}@, $b = ${doubled}@ in $a == $b`],
    ['looking for it', `let $a = ${doubled}@ in contains([$a, $a], ${doubled}@)`],
    ['a value nested too deeply', `${'[@] | '.repeat(180)}@`],
    ['10,000 open parentheses', '('.repeat(10_000)],
    ['nested parentheses', `${'('.repeat(4000)}a${')'.repeat(4000)}`],
    ['nested negations', `${'!'.repeat(9000)}a`],
    ['nested brackets', '['.repeat(9000)],
    ['nested hashes', '{a:'.repeat(3000)],
    ['a long chain of members', `${'a.'.repeat(4900)}a`],
    ['a long chain of indexes', `a${'[0]'.repeat(3000)}`],
    ['a long chain of pipes', `${'a|'.repeat(4900)}a`],
    ['nested ternaries', `${'a ? b : '.repeat(1200)}c`],
    ['a deep literal', `\`${'['.repeat(4900)}${']'.repeat(4900)}\``],
    ['a text beyond the limit', 'a'.repeat(10_001)],
    ['an exponential pattern', "regex_test('/(a+)+$/', s)"],
    ['a pattern with many states', "regex_test('/(?:a|b)*a(?:a|b){300}$/', ab)"],
    ['a pattern that repeats too much', "regex_test('/(a{100}){100}/', s)"],
    ['a quadratic search', "regex_match_all('/a*b|a/g', s)"],
    ['a quadratic replacement', "regex_replace('/a/g', '$`', s)"],
    ['many patterns', "map(&regex_test(join('', ['/a', to_string(@), '{300}/']), 'x'), nums)"],
    ['many hashes', 'map(&sha512($.s), nums)'],
    ['many looks at a large object', 'map(&length($.o), nums)'],
    ['many copies of a large object', 'map(&merge($.o), nums)'],
    ['many reversals', 'map(&$.s[::-1], nums)'],
    ['many searches', "map(&find_last($.s, 'b'), nums)"],
    ['many texts of a large list', 'map(&to_string($.l), nums)'],
    [
      'deep JSON in a text',
      `json_parse(join('', [${"join('', map(&'[', nums[0:9000]))"}, ${"join('', map(&']', nums[0:9000]))"}]))`,
    ],
    ['too many arguments', `not_null(${'a,'.repeat(9000)}a)`],
  ])('%s', (_, text) => {
    expect(cpuOf(() => compileExpression(text).evaluate(data))).toBeLessThan(MOST_CPU);
  });

  it.each(['range(1000000000)', `${doubled}@`, '('.repeat(10_000), 'l[*].[$.l[*].[$.l]]'])(
    'with an error that names the limit',
    (text) => {
      expect(() => compileExpression(text).evaluate(data)).toThrow(LimitExceeded);
    },
  );
});

describe('any expression', () => {
  const { node } = fc.letrec<{ node: string }>((tie) => {
    const inner = tie('node');
    const apply = (make: (...parts: string[]) => string, count: number): fc.Arbitrary<string> =>
      fc.tuple(...Array.from({ length: count }, () => inner)).map((parts) => make(...parts));
    return {
      node: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.constantFrom('a', 'b', 'l', '@', '$', '1', "'x'", '`{"a":[1]}`', 'null', '"__proto__"'),
        apply((x) => `${x}.a`, 1),
        apply((x) => `${x}[*]`, 1),
        apply((x) => `${x}[]`, 1),
        apply((x) => `${x}[1:]`, 1),
        apply((x, y) => `${x}[?${y}]`, 2),
        apply((x, y) => `${x} | ${y}`, 2),
        apply((x, y) => `[${x}, ${y}]`, 2),
        apply((x, y) => `{a: ${x}, b: ${y}}`, 2),
        apply((x, y) => `(${x} == ${y})`, 2),
        apply((x, y) => `${x} + ${y}`, 2),
        apply((x, y) => `let $v = ${x} in [$v, ${y}]`, 2),
        apply((x, y) => `map(&${x}, ${y})`, 2),
        apply((x, y) => `sort_by(${x}, &${y})`, 2),
        apply((x, y) => `merge(${x}, ${y})`, 2),
        apply((x) => `reverse(${x})`, 1),
        apply((x) => `sort(${x})`, 1),
        apply((x) => `to_string(${x})`, 1),
      ),
    };
  });

  it('gives JSON data or a clear error, and leaves its data alone', () => {
    const data = { a: { a: [3, 1, 2], b: 'x' }, b: null, l: [{ a: 2 }, { a: 1, b: ['q'] }] };
    const before = JSON.stringify(data);
    fc.assert(
      fc.property(node, (text) => {
        const first = outcome(text, data);
        expect(JSON.stringify(data)).toBe(before);
        expect(outcome(text, data)).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  it('of any characters gives a clear error', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab1.[]{}()|&!?*@$:,<>=+-/%\'"`\\ \nlet in ') });
    fc.assert(
      fc.property(text, (expression) => {
        outcome(expression, {});
      }),
      { numRuns: 2000 },
    );
  });
});

/** The JSON text of what an expression gives, or its error; any other error is a failure of the test. */
function outcome(text: string, data: unknown): string {
  try {
    return JSON.stringify(compileExpression(text).evaluate(data));
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof LimitExceeded) return error.message;
    throw error;
  }
}
