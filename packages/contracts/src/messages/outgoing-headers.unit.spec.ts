import { describe, expect, it } from 'vitest';
import { outgoingHeadersSchema } from './outgoing-headers.js';

/** What is wrong, and where. */
const problems = (headers: Record<string, string>, ...others: string[]) =>
  outgoingHeadersSchema(others)
    .safeParse(headers)
    .error?.issues.map(({ path, message }) => [...path, message]);

describe('headers to be sent along', () => {
  it('are any that a message can carry', () => {
    expect(problems({ Authorization: 'Bearer x', 'x-tenant': 'a b\tc', Cookie: '' })).toBeUndefined();
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'Proxy-Authorization', 'Expect'])(
    'are not the connection’s: %s',
    (name) => expect(problems({ ok: '1', [name]: 'x' })).toEqual([[name, 'is set by the platform']]),
  );

  it.each(['Webhook-Id', 'webhook-signature', 'JWS-Signature', 'Handover-Tenant', 'traceparent'])(
    'do not speak for the platform: %s',
    (name) => expect(problems({ [name]: 'x' })).toEqual([[name, 'is set by the platform']]),
  );

  it('are not those that are reserved where they are used', () => {
    expect(problems({ 'Content-Type': 'x' })).toBeUndefined();
    expect(problems({ 'Content-Type': 'x' }, 'content-type')).toEqual([['Content-Type', 'is set by the platform']]);
  });

  it.each([
    ['a line break in the value', { a: 'x\r\nHost: inner' }, ['a', expect.stringContaining('visible ASCII')]],
    ['letters no header has', { a: 'ü' }, ['a', expect.stringContaining('visible ASCII')]],
    ['a blank in the name', { 'a b': 'x' }, ['a b', expect.stringContaining('named')]],
    ['one name twice', { a: '1', A: '2' }, [expect.stringContaining('twice')]],
  ])('cannot have %s', (_, headers, problem) => expect(problems(headers as Record<string, string>)).toEqual([problem]));

  it('are not too many', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, '']));
    expect(problems(many)).toEqual([[expect.stringContaining('20')]]);
  });
});
