import { describe, expect, test } from 'vitest';
import { envelopeOf, parseEnvelope } from './envelope.js';

const valid = { id: 'm-1', type: 'process.step.v1', headers: { tenant: 'acme', deadline: 1_700_000_000_000 } };

describe('envelope', () => {
  test('leaves the body out and absent fields absent', () => {
    expect(envelopeOf({ ...valid, body: 1 })).toEqual(valid);
    expect(parseEnvelope({ ...valid, key: undefined, headers: { ...valid.headers, requestId: undefined } })).toEqual(
      valid,
    );
  });

  test('ignores headers of a newer sender', () => {
    expect(parseEnvelope({ ...valid, key: 'k', headers: { ...valid.headers, added: true } })).toEqual({
      ...valid,
      key: 'k',
    });
  });

  test.each([
    ['id', { id: '' }],
    ['id', { id: undefined }],
    ['id', { id: 'x'.repeat(256) }],
    ['type', { type: 7 }],
    ['key', { key: 7 }],
    ['headers.deadline', { headers: { deadline: 'tomorrow' } }],
    ['headers.tenant', { headers: { tenant: ['a'] } }],
  ])('refuses a wrong %s, naming it', (field, wrong) => {
    expect(() => parseEnvelope({ key: undefined, ...valid, ...wrong })).toThrow(
      expect.objectContaining({ code: 'malformed', message: expect.stringContaining(`message: ${field}:`) as string }),
    );
  });

  test('does not repeat a secret', () => {
    const headers = { authorization: { token: 'hush' } };
    expect(() => parseEnvelope({ ...valid, key: undefined, headers })).not.toThrow('hush');
  });

  test('refuses headers no transport can carry', () => {
    for (const principal of ['x'.repeat(40_000), '\u0001'.repeat(6_000)]) {
      expect(() => envelopeOf({ ...valid, headers: { principal }, body: 1 })).toThrow('exceed the limit');
    }
    expect(envelopeOf({ ...valid, headers: { principal: 'x'.repeat(30_000) }, body: 1 })).toBeDefined();
  });
});
