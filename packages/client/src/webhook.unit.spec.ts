import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { VerificationError, verifyWebhook } from './webhook.js';

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const BODY = '{"type":"process.completed"}';

/** A message as the public library signs it. */
function signed(secret = SECRET, at = new Date()): Headers {
  const signature = new Webhook(secret).sign('msg_1', at, BODY);
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return new Headers({ 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature });
}

describe('a webhook', () => {
  it('signed by the public library is genuine', async () => {
    await expect(verifyWebhook(SECRET, signed(), BODY)).resolves.toBeUndefined();
  });

  it('is genuine by either secret while one takes over from the other', async () => {
    await expect(verifyWebhook([OTHER, SECRET], signed(), BODY)).resolves.toBeUndefined();
  });

  it.each<[string, Headers, string]>([
    ['another secret', signed(OTHER), BODY],
    ['another body', signed(), `${BODY} `],
    ['no signature', new Headers(), BODY],
    ['a signature that is none', new Headers([...signed(), ['webhook-signature', 'v1,%%%']]), BODY],
    ['a time long past', signed(SECRET, new Date(Date.now() - 301_000)), BODY],
    ['a time to come', signed(SECRET, new Date(Date.now() + 302_000)), BODY],
  ])('with %s is refused', async (_, headers, body) => {
    await expect(verifyWebhook(SECRET, headers, body)).rejects.toThrow(VerificationError);
  });
});
