import fc from 'fast-check';
import mustache from 'mustache';
import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../limits.js';
import { Template } from './index.js';

const view = {
  name: 'Alice',
  yes: true,
  no: false,
  zero: 0,
  nil: null,
  text: '',
  html: '<b>&',
  list: ['one', 'two'],
  none: [],
  items: [
    { n: 1, sub: [{ m: 'x' }] },
    { n: 2, sub: [] },
  ],
  map: { a: 1, b: { c: 'deep' } },
};
const partials = { p: '[{{name}}]\n  x{{n}}\n', q: '{{#items}}{{n}},{{/items}}', r: '  {{>p}}\nq' };

describe('templates', () => {
  it('do what mustache.js does, messages included', () => {
    const name = fc.constantFrom(
      ...Object.keys(view),
      'n',
      'sub',
      'm',
      '.',
      'nope',
      'map.a',
      'map.b.c',
      'list.0',
      'list.length',
      'name.length',
      '',
      'a b',
    );
    const { template } = fc.letrec<{ template: string }>((tie) => ({
      template: fc
        .array(
          fc.oneof(
            { maxDepth: 3 },
            fc.constantFrom(
              'text',
              '\n',
              ' ',
              '\t',
              '\r\n',
              '{',
              '}',
              '{{',
              '}}',
              '{{! note\n }}',
              '{{=<% %>=}}',
              '<%={{ }}=%>',
              '{{= [ ] =}}',
            ),
            fc
              .tuple(fc.constantFrom('{{', '{{ ', '{{&', '{{{'), name)
              .map(([open, inner]) => `${open}${inner}${open === '{{{' ? '}}}' : '}}'}`),
            fc.constantFrom('{{>p}}', '{{> q }}', ' {{>r}}\n', '\n  {{>p}}\n', '{{>nope}}'),
            fc
              .tuple(fc.constantFrom('#', '^', '# '), name, tie('template'))
              .map(([sign, inner, body]) => `{{${sign}${inner}}}${body}{{/${inner}}}`),
          ),
          { maxLength: 5 },
        )
        .map((parts) => parts.join('')),
    }));
    fc.assert(
      fc.property(template, (text) => {
        expect(outcome(() => new Template(text, DEFAULT_LIMITS).render(view, partials))).toBe(
          outcome(() => mustache.render(text, view, partials, { escape: String })),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[name: string, text: string, result: string]>([
    ['escape nothing', '{{html}}|{{{html}}}|{{&html}}', '<b>&|<b>&|<b>&'],
    ['print as JavaScript does', '{{map}} {{list}} {{zero}} {{no}} [{{nil}}]', '[object Object] one,two 0 false []'],
    ['drop lines of sections', 'a\n  {{#yes}}\n  b\n  {{/yes}}\nc\n', 'a\n  b\nc\n'],
    ['see no inherited member', '{{constructor}}{{map.constructor.name}}{{list.push}}{{#toString}}x{{/toString}}', ''],
    ['pass over null elements', '{{#holes}}[{{name}}]{{/holes}}', '[Alice][Alice]'],
    ['call nothing', '{{trap}}{{#trap}}x{{/trap}}', '[object Object]x'],
  ])('%s', (_, text, result) => {
    const trap = (): never => {
      throw new Error('called');
    };
    expect(new Template(text, DEFAULT_LIMITS).render({ ...view, holes: [null, 1], trap }, {})).toBe(result);
  });
});

function outcome(render: () => string): string {
  try {
    return `= ${render()}`;
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}
