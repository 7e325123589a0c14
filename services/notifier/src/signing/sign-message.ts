import type { WebhookSigning } from '@handover/contracts';
import { Webhook as Signer } from 'standardwebhooks';
import { detachedJws, JWS_HEADER } from './jws.js';
import type { SigningKeys } from './signing-keys.js';

/** A message on its way, and what it is signed by. */
export interface Signed {
  readonly id: string;
  readonly body: string;
  /** `whsec_…`; each adds a signature, so that a receiver that knows any of them can verify. */
  readonly secrets: readonly string[];
  /** What it is signed by beside them. */
  readonly signing: WebhookSigning;
  readonly webhook: string;
}

/**
 * The headers that name and sign one attempt at a message: Standard Webhooks 1.0.0 always, a detached JWS where the webhook
 * asks for it.
 */
export async function signatureHeaders(
  keys: SigningKeys,
  { id, body, secrets, signing, webhook }: Signed,
  at: Date,
): Promise<Record<string, string>> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': standardSignature(secrets, id, at, body),
    ...(signing === 'jws' && { [JWS_HEADER]: await detachedJws(keys, body, { id, webhook, at }) }),
  };
}

/** One signature per secret (Standard Webhooks, "Signature scheme"), separated by blanks. */
export function standardSignature(secrets: readonly string[], id: string, at: Date, body: string): string {
  return secrets.map((secret) => new Signer(secret).sign(id, at, body)).join(' ');
}
