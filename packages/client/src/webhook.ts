/** A webhook that is not genuine, or too old. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

export interface WebhookHeaders {
  get(name: string): string | null | undefined;
}

const TOLERANCE_SECONDS = 5 * 60;

/**
 * Verifies a webhook by Standard Webhooks 1.0.0 (HMAC, `v1`), with the platform's Web Crypto: in servers, workers, at the edge.
 *
 * @param secrets `whsec_…`; several while one takes over from another
 * @param body exactly as received
 * @param now in milliseconds
 * @throws VerificationError
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  headers: WebhookHeaders,
  body: string,
  now: number = Date.now(),
): Promise<void> {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`) ?? '');
  if (!id || !timestamp || !given) throw new VerificationError('The webhook is not signed');
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new VerificationError('The webhook is too old or from the future');
  }
  const signatures = given.split(' ').flatMap((part) => (part.startsWith('v1,') ? [part.slice(3)] : []));
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const secret of [secrets].flat()) {
    const key = await keyOf(secret);
    for (const signature of signatures) {
      const bytes = fromBase64(signature);
      if (bytes && (await crypto.subtle.verify('HMAC', key, bytes, content))) return;
    }
  }
  throw new VerificationError('The signature does not hold');
}

function keyOf(secret: string): ReturnType<typeof crypto.subtle.importKey> {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0) throw new TypeError('A secret is whsec_ and base64');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
