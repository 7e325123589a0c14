import { HandoverError } from '@handover/contracts';
import { MASK } from '../services/masking.js';
import { ownerOf, type SecretVault } from './secret.js';

export type Headers = Readonly<Record<string, string>>;

/** Headers of the owner's own, as they are kept: what may be shown, and the whole, sealed. */
export interface KeptHeaders {
  readonly shown: Headers;
  readonly sealed: Buffer;
}

const CREDENTIAL = /auth|token|secret|passw|credential|cookie|session|signature|key/i;

const ownerOfHeaders = (tenant: string, webhookId: string): string => ownerOf(tenant, `headers:${webhookId}`);

/**
 * A value whose name sounds like a credential is not shown again.
 * @throws HandoverError `invalid_request` when a mask is sent back: it would replace what it hides
 */
export function keepHeaders(vault: SecretVault, tenant: string, webhookId: string, headers: Headers): KeptHeaders {
  const names = Object.keys(headers).filter((name) => headers[name] === MASK);
  if (names.length > 0) {
    throw new HandoverError('invalid_request', 'A masked value is not the value', {
      errors: names.map((name) => ({ pointer: `/headers/${name}`, detail: 'is masked; give the value' })),
    });
  }
  const shown = Object.entries(headers).map(([name, value]) => [name, CREDENTIAL.test(name) ? MASK : value]);
  return {
    shown: Object.fromEntries(shown) as Headers,
    sealed: vault.seal(JSON.stringify(headers), ownerOfHeaders(tenant, webhookId)),
  };
}

export function openHeaders(vault: SecretVault, tenant: string, webhookId: string, sealed: Buffer | null): Headers {
  if (!sealed) return {};
  return JSON.parse(vault.open(sealed, ownerOfHeaders(tenant, webhookId))) as Headers;
}
