import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../limits.js';
import { parseYaml } from './index.js';

const parse = (text: string) => parseYaml(text).value;

describe('parseYaml', () => {
  it('reads YAML 1.2: words of YAML 1.1 are text, dates are text', () => {
    expect(parse('on: yes\nat: 2024-01-01\nn: 0o17\nempty:\n')).toEqual({
      on: 'yes',
      at: '2024-01-01',
      n: 15,
      empty: null,
    });
  });

  it.each([
    ['!ref a > 0', { '<ref>': 'a > 0' }],
    ['!ref', { '<ref>': '' }],
    ['!tpl { template: x }', { '<tpl>': { template: 'x' } }],
    ['!select { $: !ref x, true: 1, ~: 2 }', { '<select>': { $: { '<ref>': 'x' }, true: 1, '': 2 } }],
    ['!const ""', { const: 0 }],
    ['!const "10"', { const: 10 }],
    ['!const null', { const: 'null' }],
    ['!default 1.5', { default: 1.5, type: 'number' }],
    ['!default ~', { default: null }],
    ['!enum [a, 1]', { enum: ['a', 1] }],
    ['!required', { '!required': true }],
    ['!required https://x.test', { type: 'https://x.test', '!required': true }],
    ['!required { items: string }', { items: 'string', '!required': true }],
    ['!append vars.list', { mode: 'append', set: 'vars.list' }],
  ])('reads the tag %s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('given an unknown tag, or one on the wrong kind of node, drops it with a warning that says where', () => {
    const { value, warnings } = parseYaml('a: !const [1]\nb: !nope x\nc: !!binary eA==\n');
    expect(value).toEqual({ a: [1], b: 'x', c: 'eA==' });
    expect(warnings).toEqual([
      { message: 'Tag !const does not belong here; it is ignored', line: 1, column: 11 },
      { message: 'Unknown tag: !nope; it is ignored', line: 2, column: 10 },
      expect.objectContaining({ line: 3 }),
    ]);
  });

  it('takes tags of the application', () => {
    const tags = { '!env': { scalar: (name: string) => `<${name}>`, map: (map: object) => Object.keys(map) } };
    expect(parseYaml('[!env HOME, !env { a: 1 }, !ref x]', { tags }).value).toEqual([
      '<HOME>',
      ['a'],
      { '<ref>': 'x' },
    ]);
  });

  it('merges maps; explicit keys win, then the first', () => {
    expect(parse('a: &a { x: 1, y: 1 }\nb: { y: 2, <<: [*a, { x: 3, z: 3 }] }\n"<<": text\n')).toEqual({
      a: { x: 1, y: 1 },
      b: { y: 2, x: 1, z: 3 },
      '<<': 'text',
    });
  });

  it('writes aliases out: no part of the document is shared with another', () => {
    const { a, b } = parse('a: &a { x: !required string }\nb: *a\n') as Record<string, unknown>;
    expect(b).toEqual(a);
    expect(b).not.toBe(a);
  });

  it.each([
    ['a:\n  b: 1\n c: 2\n', 'BAD_INDENT', 3, 1],
    ['a: 1\nb: 2\na: 3\n', 'DUPLICATE_KEY', 3, 1],
    ['a: *nope', 'UNRESOLVED_ALIAS', 1, 4],
    ['a: &a [*a]', 'CIRCULAR_ALIAS', 1, 8],
    ['a: { <<: 1 }', 'BAD_MERGE', 1, 10],
    ['? [a]\n: b', 'BAD_KEY', 1, 3],
    ['a: 1\n---\nb: 1\n', 'MULTIPLE_DOCS', 2, 1],
    ['a: !x !y b', 'MULTIPLE_TAGS', 1, 7],
  ])('given %j, names the error %s and its place', (text, code, line, column) => {
    expect(() => parseYaml(text)).toThrow(expect.objectContaining({ name: 'DocumentSyntaxError', code, line, column }));
  });

  it('given a key that reaches into prototypes, names its path', () => {
    expect(() => parseYaml('states: { initial: { __proto__: { a: 1 } } }')).toThrow(
      expect.objectContaining({ name: 'UnsafeKeyError', path: '/states/initial/__proto__' }),
    );
    expect(() => parseYaml('a: { "con/st": { constructor: 1 } }')).toThrow('at /a/con~1st/constructor');
    expect(parse('toString: fine')).toEqual({ toString: 'fine' });
  });
});

describe('parseYaml, given hostile text', () => {
  const limitOf = (text: string): unknown => {
    try {
      parseYaml(text);
      return 'none';
    } catch (error) {
      return (error as { limit?: string }).limit ?? error;
    }
  };
  const bomb = (line: (previous: string) => string) =>
    ['a0: &a0 { k: v }', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} ${line(`*a${i}`)}`)].join('\n');

  it.each([
    ['flow sequences', '['.repeat(1_000_000)],
    ['flow maps', '{a: '.repeat(200_000)],
    ['block sequences', '- '.repeat(500_000)],
    ['complex keys', '? '.repeat(500_000)],
    ['indented maps', Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses deep %s', (_, text) => {
    expect(limitOf(text)).toBe('documentDepth');
  });

  it.each([
    ['aliases of aliases', bomb((previous) => `[${previous}, ${previous}, ${previous}]`)],
    ['merges of merges', bomb((previous) => `{ <<: [${previous}, ${previous}], x: ${previous}, y: ${previous} }`)],
    ['one long text used often', `a: &a ${'x'.repeat(10_000)}\nb: [${'*a,'.repeat(1_000)}]`],
  ])('refuses %s that expand without end', (_, text) => {
    expect(limitOf(text)).toBe('documentLength');
  });

  it('refuses text that is too long before it looks at it', () => {
    expect(limitOf('#'.repeat(DEFAULT_LIMITS.documentLength + 1))).toBe('documentLength');
  });

  it('does work linear in the length: ten times the keys, anchors, aliases and errors, about ten times the time', () => {
    const text = (n: number) => Array.from({ length: n }, (_, i) => `k${i}: [&a${i} 1, *a${i}, !x y]`).join('\n');
    const cost = (n: number) => {
      const started = process.cpuUsage();
      parseYaml(text(n));
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    cost(300);
    // Quadratic work would cost a hundred times as much.
    expect(cost(3_000)).toBeLessThan(40 * Math.max(cost(300), 2_000));
  });
});
