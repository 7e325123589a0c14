import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseYaml, stringifyYaml } from './index.js';

describe('stringifyYaml', () => {
  it('writes expressions and templates by their tags, everything else plainly', () => {
    const value = { a: { '<ref>': '!x' }, b: [{ '<tpl>': 'Hi {{ name }}' }], c: { '<tpl>': { template: 'x' } } };
    expect(stringifyYaml(value)).toBe('a: !ref "!x"\nb:\n  - !tpl Hi {{ name }}\nc:\n  <tpl>:\n    template: x\n');
  });

  it('writes shared parts out', () => {
    const shared = { x: 1 };
    expect(stringifyYaml({ a: shared, b: shared })).toBe('a:\n  x: 1\nb:\n  x: 1\n');
  });

  it('gives back what was written', () => {
    const leaf = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null));
    const fn = fc.oneof(fc.record({ '<ref>': fc.string() }), fc.record({ '<tpl>': fc.string() }));
    const { document } = fc.letrec((tie) => ({
      document: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fn,
        fc.array(tie('document')),
        fc.dictionary(key, tie('document')),
      ),
    }));
    fc.assert(
      fc.property(document, (value) => {
        expect(parseYaml(stringifyYaml(value)).value).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });
});

const key = fc.string().filter((text) => !['__proto__', 'constructor', 'prototype', '<ref>', '<tpl>'].includes(text));
