import { createHmac } from 'node:crypto';
import type { WebhookSigning } from '@handover/contracts';
import { SECRET_PREFIX } from '../webhooks/secret.js';
import { SECRET_KEY_PREFIX, ed25519Signature } from './ed25519.js';
import { detachedJws, JWS_HEADER } from './jws.js';
import type { SigningKeys } from './signing-keys.js';

/** A message on its way, and what it is signed by. */
export interface Signed {
  readonly id: string;
  readonly body: string;
  /** `whsec_…` and `whsk_…`; each adds a signature, so that a receiver that knows any of them can verify. */
  readonly keys: readonly string[];
  /** What it is signed by beside the secrets. */
  readonly signing: WebhookSigning;
  readonly webhook: string;
}

/**
 * The headers that name and sign one attempt at a message: Standard Webhooks 1.0.0 always, by public key where the webhook asks
 * for it.
 */
export async function signatureHeaders(
  jwsKeys: SigningKeys,
  { id, body, keys, signing, webhook }: Signed,
  at: Date,
): Promise<Record<string, string>> {
  const used = signing === 'v1a' ? keys : keys.filter((key) => !key.startsWith(SECRET_KEY_PREFIX));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': standardSignature(used, id, at, body),
    ...(signing === 'jws' && { [JWS_HEADER]: await detachedJws(jwsKeys, body, { id, webhook, at }) }),
  };
}

/** One signature per key (Standard Webhooks, "Signature scheme"), separated by blanks. */
export function standardSignature(keys: readonly string[], id: string, at: Date, body: string): string {
  const by = (key: string): string =>
    key.startsWith(SECRET_KEY_PREFIX) ? ed25519Signature(key, id, at, body) : hmacSignature(key, id, at, body);
  return keys.map(by).join(' ');
}

/** Symmetric: `v1,` and the HMAC-SHA256 over id, time and body. Node's own: the public library, in JavaScript, takes ten times as long. */
function hmacSignature(secret: string, id: string, at: Date, body: string): string {
  const key = Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, 'base64');
  const content = `${id}.${Math.floor(at.getTime() / 1_000)}.${body}`;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
