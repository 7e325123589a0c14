import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compileExpression, defineFunction, ExpressionError, ExpressionSyntaxError, parameters } from './index.js';

const search = (text: string, data: unknown): unknown => compileExpression(text).evaluate(data);

const data = {
  i: 7,
  j: 2,
  z: 0,
  f: false,
  nul: null,
  s: 'hello wörld',
  emoji: '😀a😀',
  l: [3, 1, 10, 2],
  ob: [
    { x: 1, k: 'b' },
    { x: 3, k: 'a' },
    { x: 2, k: 'b' },
  ],
  nested: [[1, [2]], [], 3, null],
  a: { b: { c: 'deep' }, e: [] },
};

describe('an expression', () => {
  it.each<[text: string, result: unknown]>([
    ['a.b.c', 'deep'],
    ['a.b.nope.c', null],
    ['ob[*].x', [1, 3, 2]],
    ['ob[?x >= 2].k | [0]', 'a'],
    ['nested[]', [1, [2], 3]],
    ['a.*.c', ['deep']],
    ['l[-1]', 2],
    ['l[::-1]', [2, 10, 1, 3]],
    ['l[1:3]', [1, 10]],
    ['s[0:5]', 'hello'],
    ['{ n: i, all: a.[b, e] }', { n: 7, all: [{ c: 'deep' }, []] }],
    ['nope.[a]', null],
    ['nope | [a]', [null]],
    ['!a.b', null],
    ['!(a.b)', false],
    ['f || a.e || s', 'hello wörld'],
    ['z || s', 0],
    ['i // j + 1', 4],
    ['100 / 10 * 2', 5],
    ['-7 // 2', -4],
    ['i × 2 ÷ 7 − 1', 1],
    ["'a' < 'b'", null],
    ['a.b == `{"c":"deep"}`', true],
    ['let $x = i, $y = j in $x - $y', 5],
    [
      'ob[*].[x, $.i]',
      [
        [1, 7],
        [3, 7],
        [2, 7],
      ],
    ],
    ['sum(map(&(x * 2), ob))', 12],
    ['max_by(ob, &x).k', 'a'],
    ['group_by(ob, &k).b[*].x', [1, 2]],
    ["from_items(zip(range(1, 3, 'k'), l))", { k1: 3, k2: 1 }],
    ["to_object([['a', i]])", { a: 7 }],
    [
      "regex_match_all('/(\\w)(\\w)/g', 'abcd')",
      [
        ['ab', 'a', 'b'],
        ['cd', 'c', 'd'],
      ],
    ],
    ["uuid('example')", 'feb54431-301b-52bb-a6dd-e1e93e81bb9e'],
  ])('%s', (text, result) => {
    expect(search(text, data)).toEqual(result);
  });

  it.each<[why: string, text: string, result: unknown]>([
    ['numbers are literals before a bracket', 'l[?@ > 2]', [3, 10]],
    ['numbers are literals in lists', '[i, 10]', [7, 10]],
    ['numbers are lexed as digits only', 'i-3-1', 3],
    ['two minus signs are two', '--5', 5],
    ['numbers may have decimals', 'i * 1.5', 10.5],
    ['numbers may have exponents', '1e3', 1000],
    ['a ternary', "i > 5 ? 'big' : 'small'", 'big'],
    ['branches of a ternary reach as far as they can', 'f ? l : l | [0]', 3],
    ['numbers sort as numbers', 'sort(l)', [1, 2, 3, 10]],
    ['ties keep their order', 'sort_by(ob, &k)[*].x', [3, 1, 2]],
    ['texts can win', 'max_by(ob, &k).x', 1],
    ['texts compare by code points', "max(['\uffff', '😀', 'Z'])", '😀'],
    ['variables are visible in expressions', 'let $n = j in map(&(x + $n), ob)', [3, 5, 4]],
    ['false variables are visible in a nested let', 'let $x = f in let $y = i in $x', false],
    ['if() has the truth of expressions', "[if(a.e, 'y', 'n'), if(z, 'y', 'n')]", ['n', 'y']],
    ['contains() compares deeply', 'contains(ob, `{"k":"a","x":3}`)', true],
    ['slices count code points', 'emoji[-2:]', 'a😀'],
    ['positions count code points', "[find_first(emoji, 'a'), find_last(emoji, '😀')]", [1, 2]],
    [
      'only decimals are numbers',
      "[to_number(''), to_number(' 5 '), to_number('0x10'), to_number('-.5')]",
      [null, null, null, -0.5],
    ],
    ['matching all needs no flag g', "regex_count('/a/', 'aa')", 2],
    ['own members only', '[constructor, a.__proto__, toString, l.length]', [null, null, null, null]],
  ])('by our decision: %s', (_, text, result) => {
    expect(search(text, data)).toEqual(result);
  });

  it.each<[text: string, message: string]>([
    ['', 'Syntax error: invalid token (EOF): ""'],
    ['a.', 'Syntax error, unexpected token: (EOF)'],
    ['a b', 'Syntax error: unexpected token type: UnquotedIdentifier, value: b'],
    ['a[b]', 'Syntax error: expected Star, got: UnquotedIdentifier'],
    ['[1, a]', 'Syntax error: expected Rbracket, got: Comma'],
    ['foo[1.5]', 'Syntax error: expected Rbracket, got: Dot'],
    ['[:::]', 'Syntax error, too many colons in slice expression'],
    ['"abs"(i)', 'Syntax error: quoted identifier not allowed for function names.'],
    ['`bad`', 'Syntax error: unexpected end of JSON input or invalid format for a JSON literal: `'],
    ['a#b', 'Syntax error: unknown character: #'],
    ['a?b:c', 'Syntax error: unknown character: ?'],
    ['a = b', 'Syntax error: unexpected token type: Assign, value: ='],
    ["'open", "Syntax error: unclosed string, expected '"],
    ['9'.repeat(400), 'Syntax error: number literal is out of range'],
  ])('is refused: %s', (text, message) => {
    expect(() => compileExpression(text)).toThrow(new ExpressionSyntaxError(message));
  });

  it.each<[text: string, message: string]>([
    ['nope(i)', 'Unknown function: nope()'],
    ['constructor(i)', 'Unknown function: constructor()'],
    ['abs(i, j)', 'Invalid arity: abs() takes 1 argument but received 2'],
    ['range()', 'Invalid arity: range() takes 1 arguments but received 0'],
    ['get(a)', 'Invalid arity: get() takes at least 2 arguments but received 1'],
    ['not_null()', 'Invalid arity: not_null() takes at least 1 argument but received 0'],
    [
      'join(s, l)',
      'Invalid type: join() expected argument 2 to be type (Array<string>) but received type array instead.',
    ],
    ['merge(a, nul)', 'Invalid type: merge() expected argument 2 to be type (object) but received type null instead.'],
    [
      'sort_by(ob, i)',
      'Invalid type: sort_by() expected argument 2 to be type (expression) but received type number instead.',
    ],
    ['sort_by(ob, &nope)', 'Invalid type: unexpected type (null)'],
    ['$x', 'Error referencing undefined variable x'],
    ['i + nul', 'not-a-number: undefined'],
    ['i + s', 'not-a-number'],
    ['i / z', 'not-a-number: divide by zero'],
    ['i % z', 'not-a-number: divide by zero'],
    ['`1e308` * 10', 'not-a-number: out of range'],
    ['l[::0]', 'Invalid value: slice step cannot be 0'],
    ['&i', 'Invalid value: an &expression is not data'],
    ['[&i]', 'Invalid value: an &expression is not data'],
    ["regex_test('quick', s)", 'invalid-regex'],
    ["uuid(s, 'x')", 'Invalid UUID'],
  ])('fails: %s', (text, message) => {
    expect(() => search(text, data)).toThrow(message);
  });

  it('names beforehand what it is bound to fail at, and fails only where it gets there', () => {
    const expression = compileExpression('s || nope($x, abs())');
    expect(expression.problems).toEqual([
      'Error referencing undefined variable x',
      'Invalid arity: abs() takes 1 argument but received 0',
      'Unknown function: nope()',
    ]);
    expect(expression.evaluate(data)).toBe('hello wörld');
    expect(() => expression.evaluate({})).toThrow(ExpressionError);
  });

  it('treats missing data as null', () => {
    expect(search('a.b', undefined)).toBeNull();
    expect(search('[a, @]', { a: undefined })).toEqual([null, { a: undefined }]);
    expect(search('map(&@, l)', { l: [undefined] })).toEqual([null]);
  });
});

describe('own functions', () => {
  const repeat = defineFunction([parameters.string, parameters.optional(parameters.number)], ([text, count = 2]) =>
    text.repeat(count),
  );

  it('are called with checked arguments', () => {
    const options = { functions: new Map([['repeat', repeat]]) };
    expect(compileExpression("[repeat('a'), repeat('b', 3)]", options).evaluate({})).toEqual(['aa', 'bbb']);
    expect(() => compileExpression('repeat(`1`)', options).evaluate({})).toThrow(
      'Invalid type: repeat() expected argument 1 to be type (string) but received type number instead.',
    );
  });

  it('are known only where they are given', () => {
    expect(() => search("repeat('a')", {})).toThrow('Unknown function: repeat()');
  });

  it('cannot take the name of a built-in one', () => {
    const functions = new Map([['abs', repeat]]);
    expect(() => compileExpression('a', { functions })).toThrow('Function already defined: abs()');
  });
});

describe('what an expression reads', () => {
  it.each<[text: string, reads: string[]]>([
    ['vars.count + 1', ['vars']],
    ['current.response | $.vars.count', ['current', 'vars']],
    ['@.title', ['title']],
    ['previous[-1].actor.key', ['previous']],
    ['vars.list[?@ == $.events[0].x].actors', ['vars', 'events']],
    ['sort_by(vars.list, &title)', ['vars']],
    ['map(&[title, $.id], vars.list)', ['vars', 'id']],
    ['let $root = @ in $root.vars.a', ['vars']],
    ['let $v = vars in $v.title', ['vars']],
    ['{ a: vars.{ b: title } }', ['vars']],
    ['`1` + 2', []],
    ['@', ['*']],
    ['$ | keys(@)', ['*']],
    ['*', ['*']],
    ['vars.list[*].[$]', ['vars', '*']],
    ['[@][0].title', ['*']],
    ["get(@, 'vars')", ['*']],
    ['vars || @', ['vars', '*']],
  ])('%s', (text, reads) => {
    expect([...compileExpression(text).reads].sort()).toEqual([...reads].sort());
  });

  it('covers every member whose change changes the result', () => {
    const names = ['i', 'l', 's', 'a', 'ob'];
    const part = fc.constantFrom(
      'i',
      'l[0]',
      '$.a',
      '@.s',
      'ob[*].x',
      'a.[b, $.i]',
      'map(&[@, $.s], l)',
      '{ q: @.l }',
      '[$]',
      'keys(@)',
      'let $x = @ in $x.a',
    );
    const joined = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `[${parts.join(', ')}]`);
    fc.assert(
      fc.property(joined, fc.constantFrom(...names), (text, name) => {
        const expression = compileExpression(text);
        if (expression.reads.has('*') || expression.reads.has(name)) return;
        const { [name]: _, ...without } = data as Record<string, unknown>;
        expect(expression.evaluate(without)).toEqual(expression.evaluate(data));
      }),
    );
  });
});
