import type { ConsumeMessage, Options } from 'amqplib';
import { describe, expect, test } from 'vitest';
import { deliveriesBefore, messageOf, propertiesOf } from './properties.js';

const LIMIT = 1_000;
const envelope = {
  id: 'm-1',
  type: 'process.step.v1',
  key: 'p-1',
  headers: {
    requestId: 'r',
    traceparent: 't',
    tenant: 'acme',
    principal: 'p',
    authorization: 'Bearer b',
    idempotencyKey: 'i',
    deadline: 1_700_000_000_000,
    contentType: 'application/cloudevents+json',
  },
};

/** As the broker delivers it. */
const delivered = (properties: Options.Publish, text = '{"a":1}', redelivered = false) =>
  ({ properties, content: Buffer.from(text), fields: { redelivered } }) as unknown as ConsumeMessage;

describe('properties', () => {
  test('carry an envelope there and back', () => {
    expect(messageOf(delivered(propertiesOf(envelope)), LIMIT)).toEqual({ ...envelope, body: { a: 1 } });
    const bare = { id: 'm-2', type: 't', headers: {} };
    expect(messageOf(delivered(propertiesOf(bare)), LIMIT)).toEqual({ ...bare, body: { a: 1 } });
  });

  test('are those an outsider would write', () => {
    expect(propertiesOf(envelope)).toMatchObject({
      messageId: 'm-1',
      type: 'process.step.v1',
      contentType: 'application/cloudevents+json',
      headers: { authorization: 'Bearer b', 'idempotency-key': 'i', 'message-key': 'p-1' },
    });
  });

  test.each([
    ['id', { messageId: undefined }],
    ['type', { type: undefined }],
    ['headers.tenant', { headers: { tenant: 7 } }],
    ['content type', { contentType: 'text/plain' }],
  ])('are refused with the %s named when it is wrong', (named, wrong) => {
    const properties = { ...propertiesOf(envelope), ...wrong } as Options.Publish;
    expect(() => messageOf(delivered(properties), LIMIT)).toThrow(
      expect.objectContaining({ code: 'malformed', message: expect.stringContaining(named) as string }),
    );
  });

  test('tell how often a message was delivered before', () => {
    expect(deliveriesBefore(delivered({}))).toBe(0);
    expect(deliveriesBefore(delivered({}, '', true))).toBe(1);
    expect(deliveriesBefore(delivered({ headers: { 'x-delivery-count': 3 } }, '', true))).toBe(3);
  });
});
