import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What every signing secret begins with; base64 follows. */
export const SECRET_PREFIX = 'whsec_';

/** A new signing secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks asks for 24 to 64). */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64')}`;
}

/** Keeps secrets at rest. A sealed secret opens for its owner only: copied to another row it is worthless. */
export interface SecretVault {
  /** @param owner names the row, see {@link ownerOf} */
  seal(secret: string, owner: string): Buffer;
  /** @throws Error when it was sealed with another key, for another owner, or was changed */
  open(sealed: Buffer, owner: string): string;
}

/** What a webhook's secret is bound to. */
export const ownerOf = (tenant: string, webhookId: string): string => JSON.stringify([tenant, webhookId]);

/**
 * AES-256-GCM with the owner as additional data. Sealed form: version (1 byte), nonce (12), tag (16), ciphertext.
 * @param key 32 bytes
 */
export function createVault(key: Buffer): SecretVault {
  return {
    seal(secret, owner) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), text]);
    },

    open(sealed, owner) {
      if (sealed[0] !== VERSION) throw new Error('the secret is sealed in a form this version does not know');
      const [ivEnd, tagEnd] = [1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES];
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, ivEnd), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.subarray(ivEnd, tagEnd));
      return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString('utf8');
    },
  };
}
