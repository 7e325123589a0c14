import { newKeyPair } from '../signing/ed25519.js';
import { newSecret, type SecretVault } from './secret.js';

/** What signs a webhook's messages. One generation is made, sealed and replaced together. */
export interface WebhookKeys {
  /** `whsec_…` */
  readonly secret: string;
  /** `whpk_…`, where there is a key pair beside the secret. */
  readonly publicKey: string | null;
  readonly sealed: Buffer;
}

/** @param owner see `ownerOf` */
export function newWebhookKeys(vault: SecretVault, owner: string, withPair: boolean): WebhookKeys {
  const secret = newSecret();
  return withPair
    ? { secret, ...addKeyPair(vault, owner, vault.seal(secret, owner)) }
    : { secret, publicKey: null, sealed: vault.seal(secret, owner) };
}

/** The same generation with a key pair. */
export function addKeyPair(vault: SecretVault, owner: string, sealed: Buffer): Omit<WebhookKeys, 'secret'> {
  const { publicKey, secretKey } = newKeyPair();
  return { publicKey, sealed: vault.seal(`${vault.open(sealed, owner)} ${secretKey}`, owner) };
}

/** The keys of a generation: its secret, and the private half of its pair, if it has one. */
export const openWebhookKeys = (vault: SecretVault, owner: string, sealed: Buffer): string[] =>
  vault.open(sealed, owner).split(' ');
