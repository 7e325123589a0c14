import { describe, expect, it } from 'vitest';
import { referencesOf } from './references.js';

const of = (document: unknown, base?: string): string[] => [...referencesOf(document, base)];

describe('the references of a schema', () => {
  it('are the ids of other documents, wherever they stand, each once', () => {
    expect(
      of({ $ref: 'schema:a#/$defs/x', items: [{ $ref: 'schema:a' }, { not: { $dynamicRef: 'schema:b' } }] }),
    ).toEqual(['schema:a', 'schema:b']);
  });

  it('leave out the document itself', () => {
    expect(of({ $ref: '#/$defs/x', $defs: { x: true } })).toEqual([]);
  });

  it('are resolved against the id around them', () => {
    const inner = { $id: 'deep/inner', $ref: 'leaf' };
    expect(of({ $ref: 'b', properties: { inner } }, 'https://example.com/a')).toEqual([
      'https://example.com/b',
      'https://example.com/deep/leaf',
    ]);
    expect(of({ $ref: 'b' })).toEqual(['b']);
  });

  it.each([null, 7, true, 'schema:a', { $ref: 7 }])('of %j there are none', (document) => {
    expect(of(document)).toEqual([]);
  });
});
