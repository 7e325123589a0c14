import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** An Ed25519 key pair as Standard Webhooks writes it: the private half is never shown, the public one is 32 bytes in base64. */
export interface KeyPair {
  /** `whsk_…`, PKCS #8 inside. */
  readonly secretKey: string;
  /** `whpk_…` */
  readonly publicKey: string;
}

export const SECRET_KEY_PREFIX = 'whsk_';

export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    secretKey: `${SECRET_KEY_PREFIX}${pkcs8.toString('base64')}`,
    publicKey: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
  };
}

/** Standard Webhooks, "Signature scheme", asymmetric: `v1a,` and the signature over id, time and body. */
export function ed25519Signature(secretKey: string, id: string, at: Date, body: string): string {
  const pkcs8 = Buffer.from(secretKey.slice(SECRET_KEY_PREFIX.length), 'base64');
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const content = `${id}.${Math.floor(at.getTime() / 1_000)}.${body}`;
  return `v1a,${sign(null, Buffer.from(content), key).toString('base64')}`;
}
