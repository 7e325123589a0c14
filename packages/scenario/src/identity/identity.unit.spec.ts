import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  hash,
  hmac,
  isUuid,
  scenarioId,
  scenarioNamespace,
  sha512Hex,
  stableJson,
  URL_NAMESPACE,
  uuid5,
} from './index.js';

describe('stable JSON', () => {
  it.each<[name: string, value: unknown, text: string]>([
    [
      'sorts keys by UTF-16 code units, whatever their order in memory',
      { b: 1, 10: 2, 9: 3, Z: 4, '\uffff': 5, '😀': 6 },
      '{"10":2,"9":3,"Z":4,"b":1,"😀":6,"\uffff":5}',
    ],
    [
      'sorts large objects as small ones',
      Object.fromEntries('zyxwvutsrqponmlkjihgfedcba'.split('').map((key) => [key, 0])),
      `{${'abcdefghijklmnopqrstuvwxyz'
        .split('')
        .map((key) => `"${key}":0`)
        .join(',')}}`,
    ],
    [
      'leaves undefined members out and keeps the places of undefined items',
      { a: undefined, b: [undefined, () => 1] },
      '{"b":[null,null]}',
    ],
    ['writes numbers that are not finite as null', [NaN, Infinity, -Infinity, -0], '[null,null,null,0]'],
    ['writes dates as ISO text with milliseconds', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [
      'escapes as JSON does, lone surrogates too',
      ['"\\\n\u0001\u2028', '\ud800', '😀'],
      '["\\"\\\\\\n\\u0001\u2028","\\ud800","😀"]',
    ],
    ['writes a member named __proto__', JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
    ['writes nothing as null', undefined, 'null'],
  ])('%s', (_, value, text) => {
    expect(stableJson(value)).toBe(text);
  });

  it('is the JSON text of the same value, and the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = stableJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(stableJson(reversed(value))).toBe(text);
      }),
    );
  });
});

describe('hash', () => {
  it('is SHA-256 of the stable JSON, and of a string as it is', () => {
    expect(hash({ b: 1, a: 2 })).toBe('d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772');
    expect(hash('hello world')).toBe('b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9');
  });

  it('agrees with the platform for texts of every length and script', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.nat(20_000).map((length) => 'é'.repeat(length)),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(hash(value)).toBe(createHash('sha256').update(value).digest('hex'));
        expect(sha512Hex(value)).toBe(createHash('sha512').update(value).digest('hex'));
        expect(hmac(value, 'key é')).toBe(createHmac('sha256', 'key é').update(value).digest('hex'));
      }),
    );
  });

  it('keys a hash', () => {
    expect(hmac('abc', 'key')).toBe('9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab');
  });
});

describe('ids', () => {
  it('names things within a namespace', () => {
    expect(uuid5('example', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe('7cb48787-6d91-5b9f-bc60-f30298ea5736');
    expect(uuid5('example', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8')).toBe('7cb48787-6d91-5b9f-bc60-f30298ea5736');
  });

  it.each(['not-a-uuid', '', '6ba7b810-9dad-01d1-80b4-00c04fd430c8'])('refuses %j as a namespace', (namespace) => {
    expect(isUuid(namespace)).toBe(false);
    expect(() => uuid5('x', namespace)).toThrow('Invalid UUID');
  });

  it('gives a scenario the id of its content, in the namespace of its schema', () => {
    const $schema = 'https://schemas.letsflow.io/v1.0/scenario';
    expect(scenarioNamespace($schema)).toBe('893ee6a3-2159-5176-879f-ad01cb8a85aa');
    expect(scenarioNamespace($schema)).toBe(uuid5($schema, URL_NAMESPACE));
    expect(scenarioId({ $schema })).toBe('ff997a55-39a4-5911-9177-a373ca70cf19');
  });

  it('does not let an id change the id', () => {
    const scenario = { $schema: 'https://schemas.letsflow.io/v1.0/scenario', title: 'x', states: {} };
    expect(scenarioId(scenario)).toBe('058a2a4b-a754-5b73-8514-05913c455d64');
    expect(scenarioId({ ...scenario, id: 'something else' })).toBe('058a2a4b-a754-5b73-8514-05913c455d64');
  });
});

/** The same value with the members of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
