import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS, LimitExceeded } from '../limits.js';
import { MOST_CPU, cpuOf } from '../test/cpu-of.js';
import { compileValue, DataFunctionError, evaluateFunctions } from './index.js';

const data = {
  name: 'Alice',
  key: 'foo',
  age: 25,
  yes: true,
  nil: null,
  friend: { name: 'Bob' },
  partials: { greeting: 'Hello, {{ name }}' },
  list: ['one', 'two'],
};

describe('data functions', () => {
  it.each<[name: string, value: unknown, result: unknown]>([
    ['a reference', { '<ref>': 'friend.name' }, 'Bob'],
    ['a reference with other keys beside it', { '<ref>': 'age', more: 1 }, 25],
    ['a reference that is no text', { '<ref>': 5 }, undefined],
    ['a template', { '<tpl>': 'Hi {{ name }} & {{{ name }}}' }, 'Hi Alice & Alice'],
    ['a template with a view', { '<tpl>': { template: '{{ name }}', view: { '<ref>': 'friend' } } }, 'Bob'],
    ['a template whose view is null', { '<tpl>': { template: '{{ name }}', view: { '<ref>': 'nil' } } }, 'Alice'],
    [
      'a template with partials',
      { '<tpl>': { template: '{{> greeting }}!', partials: { '<ref>': 'partials' } } },
      'Hello, Alice!',
    ],
    ['a template from a reference', { '<tpl>': { template: { '<ref>': 'partials.greeting' } } }, 'Hello, Alice'],
    ['a missing partial', { '<tpl>': '[{{> nope }}]' }, '[]'],
    ['no template', { '<tpl>': { view: {} } }, undefined],
    ['a template that is no text', { '<tpl>': 5 }, undefined],
    ['a selection', { '<select>': { $: { '<ref>': 'key' }, foo: { '<ref>': 'age' }, '*': 1 } }, 25],
    ['the default of a selection', { '<select>': { $: 'x', '*': 1 } }, 1],
    ['the default for a null branch', { '<select>': { $: 'a', a: null, '*': 1 } }, 1],
    ['a false branch', { '<select>': { $: 'a', a: false, '*': 1 } }, false],
    ['no branch', { '<select>': { $: 'x' } }, null],
    ['a selection by truth', { '<select>': { $: { '<ref>': 'yes' }, true: 'T', false: 'F' } }, 'T'],
    ['a selection by null', { '<select>': { $: { '<ref>': 'nil' }, null: 'n' } }, 'n'],
    ['own branches only', { '<select>': { $: 'constructor', '*': 'd' } }, 'd'],
    ['functions at any depth', [{ a: { '<ref>': 'age' }, b: [{ '<tpl>': '{{key}}' }] }], [{ a: 25, b: ['foo'] }]],
    ['a member that comes to nothing', { a: { '<ref>': 5 }, b: 1 }, { b: 1 }],
  ])('%s', (_, value, result) => {
    expect(evaluateFunctions(value, data)).toEqual(result);
  });

  it('does not evaluate what a reference finds', () => {
    const found = { '<ref>': 'name' };
    expect(evaluateFunctions({ '<ref>': 'found' }, { found })).toBe(found);
  });

  it('shares what is constant', () => {
    const constant = { a: [1, { b: null }] };
    expect(compileValue(constant).constant).toBe(true);
    expect(evaluateFunctions(constant, data)).toBe(constant);
    const value = { deep: constant, name: { '<ref>': 'name' } };
    const compiled = compileValue(value);
    expect(compiled.constant).toBe(false);
    expect((compiled.evaluate(data) as typeof value).deep).toBe(constant);
  });

  it('makes an ordinary member of __proto__', () => {
    const value: unknown = JSON.parse('{"__proto__": {"<ref>": "friend"}}');
    const result = evaluateFunctions(value, data) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Object.keys(result)).toEqual(['__proto__']);
  });

  it('takes no inherited function for one', () => {
    const value = Object.create({ '<ref>': 'name' }) as object;
    expect(compileValue(value).constant).toBe(true);
  });

  it('never changes its data', () => {
    const frozen = deepFreeze(structuredClone(data));
    expect(evaluateFunctions([{ '<ref>': 'sort(list)' }, { '<tpl>': '{{#list}}{{.}}{{/list}}' }], frozen)).toEqual([
      ['one', 'two'],
      'onetwo',
    ]);
  });
});

describe('a data function fails', () => {
  it.each<[name: string, value: unknown, message: string]>([
    [
      'for a malformed expression',
      { '<ref>': 'broken(' },
      'Failed to evaluate JMESPath expression: broken(. Syntax error: invalid token (EOF): ""',
    ],
    [
      'for an empty expression',
      { '<ref>': '' },
      'Failed to evaluate JMESPath expression: . Syntax error: invalid token (EOF): ""',
    ],
    [
      'for a wrong type',
      { '<ref>': 'abs(name)' },
      'Failed to evaluate JMESPath expression: abs(name). Invalid type: abs() expected argument 1 to be type (number) but received type string instead.',
    ],
    [
      'in a branch that is not selected',
      { '<select>': { $: 'b', a: { '<ref>': 'x(' }, b: 1 } },
      'Failed to evaluate JMESPath expression: x(. Syntax error: invalid token (EOF): ""',
    ],
    ['for a malformed template', { '<tpl>': '{{#a}}' }, 'Unclosed section "a" at 6'],
    ['for a null template', { '<tpl>': null }, "Cannot use 'in' operator to search for 'template' in null"],
    [
      'for a template of another type',
      { '<tpl>': { template: 5 } },
      'Invalid template! Template should be a "string" but "number" was given as the first argument for mustache#render(template, view, partials)',
    ],
    [
      'for a partial that is no text',
      { '<tpl>': { template: '{{> p }}', partials: { p: 5 } } },
      'Invalid partial "p": it should be a string',
    ],
  ])('%s', (_, value, message) => {
    const evaluate = () => evaluateFunctions(value, data);
    expect(evaluate).toThrow(DataFunctionError);
    expect(evaluate).toThrow(expect.objectContaining({ message }));
  });

  it('when it is evaluated, and is listed beforehand', () => {
    const compiled = compileValue({
      a: { '<ref>': 'a b' },
      b: [{ '<tpl>': '{{' }, { '<ref>': 'yes || nope()' }],
      c: 1,
    });
    expect(compiled.problems.map(({ expression, message }) => [expression, message])).toEqual([
      [
        'a b',
        'Failed to evaluate JMESPath expression: a b. Syntax error: unexpected token type: UnquotedIdentifier, value: b',
      ],
      ['{{', 'Unclosed tag at 2'],
      ['yes || nope()', 'Failed to evaluate JMESPath expression: yes || nope(). Unknown function: nope()'],
    ]);
  });

  it('with a message that is not as large as what it refuses', () => {
    const [problem] = compileValue({ '<ref>': 'a'.repeat(20_000) }).problems;
    expect(problem?.message.length).toBeLessThan(300);
    expect(problem?.cause).toBeInstanceOf(LimitExceeded);
  });
});

describe('what data functions read', () => {
  it.each<[name: string, value: unknown, reads: string[]]>([
    ['nothing', { a: 1 }, []],
    ['references', [{ '<ref>': 'vars.a' }, { b: { '<ref>': '$.events[0]' } }], ['vars', 'events']],
    [
      'the names of a template',
      { '<tpl>': '{{ vars.a }}{{# actors }}{{ title }}{{/ actors }}{{^ x.y }}{{/ x.y }}' },
      ['vars', 'actors', 'title', 'x'],
    ],
    ['all, for a template that may print it', { '<tpl>': '{{.}}' }, ['*']],
    ['the view of a template', { '<tpl>': { template: '{{ a }}', view: { a: { '<ref>': 'vars.a' } } } }, ['vars', 'a']],
    ['nothing, for a constant view', { '<tpl>': { template: '{{ a }}', view: { a: 1 } } }, []],
    [
      'all, for partials that may hold any name',
      { '<tpl>': { template: '{{> p }}', partials: { p: '{{ x }}' } } },
      ['*'],
    ],
    ['all, for a template not known yet', { '<tpl>': { template: { '<ref>': 'vars.t' } } }, ['vars', '*']],
    ['selections', { '<select>': { $: { '<ref>': 'current.key' }, a: { '<ref>': 'vars.x' } } }, ['current', 'vars']],
  ])('%s', (_, value, reads) => {
    expect([...compileValue(value).reads].sort()).toEqual([...reads].sort());
  });
});

describe('limits', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

  it('bound the depth of a value', () => {
    expect(compileValue(deep(DEFAULT_LIMITS.documentDepth)).constant).toBe(true);
    expect(() => compileValue(deep(10_000 / 4))).toThrow(expect.objectContaining({ limit: 'documentDepth' }));
  });

  const list = Array.from({ length: 2000 }, (_, n) => ({ n }));
  const hostile = { list, s: 'x'.repeat(10_000), deep: deep(100) };

  it.each<[name: string, template: string]>([
    ['nested sections', '{{#a}}'.repeat(16_000)],
    ['sections that multiply', `${'{{#list}}'.repeat(190)}x${'{{/list}}'.repeat(190)}`],
    ['three nested lists', '{{#list}}{{#list}}{{#list}}x{{/list}}{{/list}}{{/list}}'],
    ['a tag of white space', `{{${' '.repeat(99_000)}`],
    ['many tags of other delimiters', `{{=[ ]=}}${'[x]'.repeat(33_000)}`],
    ['a long output', '{{s}}'.repeat(19_000)],
    ['a long path', `{{#list}}{{${'a.'.repeat(40_000)}}}{{/list}}`],
    ['unclosed comments', '{{!'.repeat(33_000)],
    ['unclosed braces', '{{{'.repeat(33_000)],
    ['unclosed delimiters', '{{= '.repeat(25_000)],
    ['white space', ' '.repeat(99_000)],
    ['lines', '\n'.repeat(99_000)],
    ['a partial that includes itself', '{{>p}}'],
    ['a partial that includes itself indented', '{{>q}}'],
    ['a template beyond the limit', 'x'.repeat(100_001)],
  ])('end soon: %s', (_, template) => {
    const partials = { p: 'a{{>p}}{{>p}}', q: `   {{>q}}\n${'\nx'.repeat(2000)}` };
    expect(cpuOf(() => evaluateFunctions({ '<tpl>': { template, partials } }, hostile))).toBeLessThan(MOST_CPU);
  });

  it('end any value in data or a clear error', () => {
    const text = fc.string({
      unit: fc.constantFrom('{{', '}}', '#', '/', '^', '>', '&', '=', '!', 'a', 'list', '.', ' ', '\n'),
    });
    const value = fc.oneof(
      text.map((template) => ({ '<tpl>': template })),
      fc.tuple(text, text).map(([template, a]) => ({ '<tpl>': { template, partials: { a } } })),
      fc.record({
        '<select>': fc.dictionary(fc.constantFrom('$', '*', 'a', '__proto__', 'constructor'), fc.jsonValue()),
      }),
    );
    fc.assert(
      fc.property(value, (subject) => {
        try {
          JSON.stringify(evaluateFunctions(subject, hostile));
        } catch (error) {
          expect(error).toBeInstanceOf(DataFunctionError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
