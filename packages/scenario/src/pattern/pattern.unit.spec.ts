import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Budget } from '../budget.js';
import { DEFAULT_LIMITS, LimitExceeded } from '../limits.js';
import { MOST_CPU, cpuOf } from '../test/cpu-of.js';
import { compilePattern, PatternError, regExpEngine } from './index.js';

describe('a pattern', () => {
  it.each<[source: string, flags: string, text: string, matches: boolean]>([
    ['quick', '', 'The quick fox', true],
    ['QUICK', 'i', 'The quick fox', true],
    ['^line2$', '', 'line1\nline2', false],
    ['^line2$', 'm', 'line1\nline2', true],
    ['1.line', '', 'line1\nline2', false],
    ['1.line', 's', 'line1\nline2', true],
    ['.', '', '\u2028', false],
    ['^\\s$', '', '\u00a0', true],
    ['^[\\s]$', '', '\ufeff', true],
    ['^[^\\S]$', '', '\u3000', true],
    ['^\\S$', '', '\u3000', false],
    ['[]', '', 'a', false],
    ['^[^]$', '', '\n', true],
    ['^[[:a]$', '', '[', true],
    ['^[a\\-c]$', '', 'b', false],
    ['^[\\w-]+$', '', 'a-b_c', true],
    ['^[\\d-x]$', '', '-', true],
    ['a{', '', 'a{', true],
    ['a{,2}', '', 'a{,2}', true],
    ['^\\x41\\u0042\\cI$', '', 'AB\t', true],
    ['^\\u{1F600}$', 'u', '😀', true],
    ['^\\ud83d\\ude00$', '', '😀', true],
    ['^\\p{Lu}\\p{Script=Greek}$', 'u', 'Aλ', true],
    ['^\\A\\z$', '', 'Az', true],
    ['b', 'y', 'ab', false],
    ['a', 'y', 'ab', true],
  ])('/%s/%s on %j: %s', (source, flags, text, matches) => {
    const pattern = compilePattern(source, flags);
    expect(pattern.test(text)).toBe(matches);
    expect(pattern.exec(text) !== null).toBe(matches);
  });

  it('gives groups by number and name, undefined where one took no part', () => {
    expect(compilePattern('(?<year>\\d{4})-(\\d\\d)|(q)').exec('on 2026-01')).toEqual({
      groups: ['2026-01', '2026', '01', undefined],
      named: { year: '2026' },
      start: 3,
      end: 10,
    });
  });

  it('finds every match, empty ones between characters', () => {
    const found = compilePattern('x*')
      .matchAll('axx😀')
      .map(({ groups, start }) => [groups[0], start]);
    expect(found).toEqual([
      ['', 0],
      ['xx', 1],
      ['', 3],
      ['', 5],
    ]);
  });

  it.each<[source: string, flags: string, replacement: string, text: string, result: string]>([
    ['o', '', '0', 'foo', 'f0o'],
    ['o', 'g', '0', 'foo', 'f00'],
    ['(\\w+) (\\w+)', '', '$2 $1', 'quick brown fox', 'brown quick fox'],
    ['b', '', "[$`|$&|$'|$$]", 'abc', 'a[a|b|c|$]c'],
    ['(?<x>b)', '', '<$<x>$<y>>', 'abc', 'a<b>c'],
    ['(b)', '', '$10 $2 $01 $0 $<x>', 'abc', 'ab0 $2 b $0 $<x>c'],
    ['a', 'gy', '-', 'aab', '--b'],
  ])('replaces /%s/%s by %j', (source, flags, replacement, text, result) => {
    expect(compilePattern(source, flags).replace(text, replacement)).toBe(result);
    expect(text.replace(new RegExp(source, flags), replacement)).toBe(result);
  });

  it('agrees with the platform', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '\\S',
      '[a-c]',
      '[^a]',
      '[\\w.-]',
      '\\.',
      '{',
      ']',
      '\\n',
    );
    const { source } = fc.letrec<{ source: string }>((tie) => ({
      source: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie('source'), tie('source')).map(([left, right]) => left + right),
        fc.tuple(tie('source'), tie('source')).map(([left, right]) => `(?:${left}|${right})`),
        fc.tuple(atom, fc.constantFrom('*', '+', '?', '{1,2}', '*?')).map(([left, right]) => left + right),
        tie('source').map((inner) => `^${inner}`),
        tie('source').map((inner) => `${inner}$`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '.', '\n', '{', ']') });
    fc.assert(
      fc.property(source, text, (pattern, subject) => {
        const expected = new RegExp(pattern).exec(subject);
        const actual = compilePattern(pattern).exec(subject);
        expect(actual?.start).toBe(expected?.index);
        expect(actual?.groups).toEqual(expected ? [...expected] : undefined);
        expect(compilePattern(pattern).test(subject)).toBe(expected !== null);
      }),
    );
  });
});

describe('a pattern is refused', () => {
  it.each<[source: string, flags: string, message: RegExp]>([
    ['(', '', /^Invalid regular expression: \/\(\/: Unterminated group$/],
    ['a', 'gg', /Invalid flags/],
    ['a', 'x', /Invalid flags/],
    ['(?=a)', '', /lookahead is not supported/],
    ['(?!a)', '', /lookahead is not supported/],
    ['(?<=a)', '', /lookbehind is not supported/],
    ['(?<!a)', '', /lookbehind is not supported/],
    ['(a)\\1', '', /backreference is not supported/],
    ['(?<n>a)\\k<n>', '', /backreference is not supported/],
    ['a{0,1001}', '', /invalid repeat count/],
  ])('/%s/%s: %s', (source, flags, message) => {
    const compile = () => compilePattern(source, flags);
    expect(compile).toThrow(PatternError);
    expect(compile).toThrow(message);
  });

  it.each([
    ['it is too long', 'x'.repeat(1001)],
    ['it repeats itself too much', '(?:a{50}){50}'],
    ['it repeats itself too much in a row', 'a{900}'.repeat(3)],
  ])('when %s', (_, source) => {
    expect(() => compilePattern(source)).toThrow(
      expect.objectContaining({ name: 'LimitExceeded', limit: 'patternLength' }),
    );
  });
});

describe('no text can hang a pattern', () => {
  const text = 'a'.repeat(50_000);

  it.each(['(a+)+b', '(a|aa)+$', '(.*)*x', '(?:a?){200}a{200}b'])('/%s/ ends soon', (source) => {
    const work = (): unknown => compilePattern(source).exec(text);
    expect(cpuOf(work)).toBeLessThan(MOST_CPU);
  });

  it('stops finding all matches of a pattern that looks to the end each time', () => {
    const work = (): unknown => compilePattern('a*b|a').matchAll(text);
    expect(work).toThrow(LimitExceeded);
    expect(cpuOf(work)).toBeLessThan(MOST_CPU);
  });

  it('stops a result that grows beyond bounds', () => {
    const work = (): unknown => compilePattern('a', 'g').replace('a'.repeat(2000), "$'".repeat(500));
    expect(work).toThrow(expect.objectContaining({ limit: 'outputSize' }));
  });

  it('spends the budget it is given', () => {
    const budget = new Budget({ ...DEFAULT_LIMITS, expressionSteps: 50 });
    expect(() => compilePattern('(a|b)*c').test(text, budget)).toThrow(
      expect.objectContaining({ limit: 'expressionSteps' }),
    );
  });
});

describe('the engine for AJV', () => {
  it('tests', () => {
    const pattern = regExpEngine()('^[a-z]+$', 'u');
    expect([pattern.test('abc'), pattern.test('Abc')]).toEqual([true, false]);
  });

  it('refuses what it cannot run', () => {
    expect(() => regExpEngine()('(?=a)', 'u')).toThrow(PatternError);
  });
});
