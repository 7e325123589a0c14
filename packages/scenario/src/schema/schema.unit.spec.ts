import { describe, expect, it } from 'vitest';

import { createSchemaCompiler, defaultValue, emptyRegistry, schemaRegistry, schemaWarnings } from './index.js';

const compiler = createSchemaCompiler(emptyRegistry);
const messages = (schema: object, value: unknown) =>
  compiler
    .compile(schema as never)
    .validate(value)
    .map((violation) => `${violation.instancePath} ${violation.message}`);

describe('createSchemaCompiler', () => {
  it('given a value that breaks several rules, names all of them in order', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'number' }, s: { type: 'string', maxLength: 2 } },
      required: ['x'],
      additionalProperties: false,
    };

    expect(messages(schema, { n: 'one', s: 'long', y: 1 })).toEqual([
      " must have required property 'x'",
      ' must NOT have additional properties',
      '/n must be number',
      '/s must NOT have more than 2 characters',
    ]);
  });

  it('given unknown keywords and formats, ignores them', () => {
    const schema = { type: 'string', id: 'x', min: 3, 'ui:widget': 'text', format: 'phone' };

    expect(messages(schema, 'abc')).toEqual([]);
    expect(messages(schema, 1)).toEqual([' must be string']);
  });

  it('given known formats, holds values to them', () => {
    expect(messages({ format: 'email' }, 'nobody')).toEqual([' must match format "email"']);
    expect(messages({ format: 'date-time' }, '2026-01-01T00:00:00.000Z')).toEqual([]);
  });

  it('given one $id in several schemas, compiles each on its own', () => {
    const id = 'https://example.com/r';
    const first = compiler.compile({ $id: id, type: 'string' });
    const second = compiler.compile({ $id: id, type: 'integer', $defs: { a: { $id: 'nested' } } });

    expect(first.validate('a')).toEqual([]);
    expect(second.validate('a')).toHaveLength(1);
  });

  it('given references, follows them into the registry, and from there on', () => {
    const registry = schemaRegistry({
      'schema:person': { type: 'object', properties: { home: { $ref: 'https://example.com/geo#/$defs/address' } } },
      'https://example.com/geo': { $defs: { address: { type: 'object', required: ['city'] } } },
    });
    const person = createSchemaCompiler(registry).compile({ $ref: 'schema:person' });

    expect(person.validate({ home: { city: 'Delft' } })).toEqual([]);
    expect(person.validate({ home: {} })).toMatchObject([{ instancePath: '/home', keyword: 'required' }]);
  });

  it('given a reference to the meta-schema, expects a schema', () => {
    const schema = compiler.compile({ $ref: 'https://json-schema.org/draft/2020-12/schema' });

    expect(schema.validate({ type: 'string' })).toEqual([]);
    expect(schema.validate({ type: 'text' })).not.toEqual([]);
  });

  it.each([
    ['schema:nobody', "can't resolve reference schema:nobody from id #"],
    ['#/$defs/nothing', "can't resolve reference #/$defs/nothing from id #"],
  ])('given a reference to %s that nobody knows, refuses the schema', ($ref, message) => {
    expect(() => compiler.compile({ properties: { a: { $ref } } })).toThrow(
      expect.objectContaining({ name: 'SchemaError', code: 'unresolvable-reference', message }),
    );
  });

  it('given a malformed schema, refuses it with the reason', () => {
    expect(() => compiler.compile({ type: 'text' })).toThrow(
      expect.objectContaining({
        name: 'SchemaError',
        code: 'invalid-schema',
        message: expect.stringContaining('data/type'),
      }),
    );
  });

  it('given an asynchronous schema or another dialect, still validates at once', () => {
    expect(messages({ $async: true, type: 'string' }, 1)).toEqual([' must be string']);
    expect(messages({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'string' }, 1)).toHaveLength(1);
  });

  it('given a recursive schema, validates every level', () => {
    const tree = { properties: { child: { $ref: '#' }, name: { type: 'string' } } };

    expect(messages(tree, { child: { child: { name: 1 } } })).toEqual(['/child/child/name must be string']);
  });

  it('given a pattern that would take a backtracking engine years, answers at once', () => {
    const started = performance.now();

    expect(messages({ pattern: '^(a|a)*$' }, `${'a'.repeat(10_000)}!`)).toEqual([' must match pattern "^(a|a)*$"']);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('given members every object inherits, looks at own members only', () => {
    expect(messages({ required: ['constructor'] }, {})).toEqual([" must have required property 'constructor'"]);
    expect(messages({ properties: { toString: { type: 'string' } } }, {})).toEqual([]);
  });

  it('given a schema nested deeper than documents may be, refuses it', () => {
    let deep: object = {};
    for (let i = 0; i < 20_000; i++) deep = { not: deep };

    expect(() => compiler.compile(deep as never)).toThrow(expect.objectContaining({ limit: 'documentDepth' }));
  });
});

describe('defaultValue', () => {
  const registry = schemaRegistry({
    'schema:money': { properties: { amount: { default: 0 }, currency: { const: 'EUR' }, note: { type: 'string' } } },
    'https://example.com/lib': { $defs: { 'a/b': { default: 'found' } } },
  });

  it.each([
    ['a default, even null', { default: null, const: 1 }, null],
    ['a constant', { const: 'x' }, 'x'],
    ['defaults of properties', { type: 'object', properties: { a: { default: 1 }, b: {} } }, { a: 1 }],
    ['no defaults of properties', { properties: { a: {} } }, undefined],
    [
      'properties without being just an object',
      { type: ['object', 'null'], properties: { a: { default: 1 } } },
      undefined,
    ],
    ['a reference to the registry', { $ref: 'schema:money' }, { amount: 0, currency: 'EUR' }],
    ['a pointer into the registry', { $ref: 'https://example.com/lib#/$defs/a~1b' }, 'found'],
    ['a pointer into itself', { $ref: '#/$defs/n', $defs: { n: { default: 7 } } }, 7],
    ['a property that is a URL', { properties: { a: 'https://example.com/lib#/$defs/a~1b' } }, { a: 'found' }],
    ['an unknown reference', { $ref: 'schema:nothing', default: 1 }, undefined],
    ['defaults where nobody looks', { items: { default: 1 }, oneOf: [{ default: 2 }] }, undefined],
    ['itself', { properties: { child: { $ref: '#' }, name: { default: 'leaf' } } }, { name: 'leaf' }],
  ])('given a schema with %s', (_, schema, expected) => {
    expect(defaultValue(schema, registry)).toEqual(expected);
  });

  it('given references that double at every level, stops with a clear error', () => {
    const $defs: Record<string, unknown> = { n0: { default: 1 } };
    for (let i = 1; i < 40; i++) {
      const $ref = `#/$defs/n${i - 1}`;
      $defs[`n${i}`] = { properties: { a: { $ref }, b: { $ref } } };
    }

    expect(() => defaultValue({ $ref: '#/$defs/n39', $defs }, emptyRegistry)).toThrow(
      expect.objectContaining({ name: 'LimitExceeded' }),
    );
  });
});

describe('schemaWarnings', () => {
  it('names unknown keywords and formats, wherever schemas can be', () => {
    const schema = {
      role: 'team',
      min: 1,
      properties: { min: { type: 'string', format: 'phone' } },
      anyOf: [{ 'a/b': 1 }],
      default: { min: 1 },
    };

    expect(schemaWarnings(schema, new Set(['role']))).toEqual([
      { path: '/min', message: 'unknown keyword: "min"' },
      { path: '/properties/min/format', message: 'unknown format "phone" ignored' },
      { path: '/anyOf/0/a~1b', message: 'unknown keyword: "a/b"' },
    ]);
  });
});
