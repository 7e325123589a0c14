import { describe, expect, test } from 'vitest';
import { decodeBody, encodeBody } from './body.js';

const LIMIT = 1_000_000;

describe('body', () => {
  test.each([null, 0, '', 'ü✓😀', [], { a: [1, { b: null }] }])('carries %j and gives it back', (body) => {
    expect(decodeBody(encodeBody(body, LIMIT), undefined, LIMIT)).toEqual(body);
  });

  test('counts bytes, not characters', () => {
    expect(encodeBody('✓✓', 8)).toHaveLength(8);
    expect(() => encodeBody('✓✓', 7)).toThrow('body of 8 bytes exceeds the limit of 7');
    expect(() => decodeBody(Buffer.from('"abcdef"'), undefined, 7)).toThrow('exceeds the limit');
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a bigint', 1n],
    ['a circle', circular],
  ])('refuses %s', (_, body) => {
    expect(() => encodeBody(body, LIMIT)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  test.each(['application/json', 'application/cloudevents+json; charset=utf-8', 'application/problem+json'])(
    'reads %s as JSON',
    (contentType) => {
      expect(decodeBody(Buffer.from('{"a":1}'), contentType, LIMIT)).toEqual({ a: 1 });
    },
  );

  test.each([
    ['no JSON', '{"a":', undefined],
    ['nothing', '', undefined],
    ['another media type', '{}', 'text/plain'],
    ['a media type that only looks like JSON', '{}', 'application/jsonp'],
  ])('refuses %s', (_, text, contentType) => {
    expect(() => decodeBody(Buffer.from(text), contentType, LIMIT)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });
});
