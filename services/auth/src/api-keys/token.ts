import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Format of an API key's token: prefix, 30 random characters, 6 of checksum (engine-service §5.1). */
const RANDOM_BYTES = 24;
const RANDOM_CHARS = 30;
const CHECKSUM_CHARS = 6;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY = new RegExp(`^[0-9A-Za-z]{${RANDOM_CHARS + CHECKSUM_CHARS}}$`);

/** A new token: 178 bits of chance. */
export function newToken(prefix: string): string {
  const random = base62(randomBytes(RANDOM_BYTES)).padStart(RANDOM_CHARS, '0').slice(-RANDOM_CHARS);
  return `${prefix}${random}${checksum(random)}`;
}

/** Whether a text can be a token at all. A typing error or a guess is told without asking the database. */
export function isWellFormed(token: string, prefix: string): boolean {
  if (!token.startsWith(prefix)) return false;
  const body = token.slice(prefix.length);
  return BODY.test(body) && checksum(body.slice(0, RANDOM_CHARS)) === body.slice(RANDOM_CHARS);
}

/** Base-62 CRC-32 of the random part, in six characters. It proves nothing and keeps nothing secret. */
export function checksum(random: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(random));
  return base62(bytes).padStart(CHECKSUM_CHARS, '0');
}

/**
 * SHA-256: all that is stored of a token. Keys are found by it, so what a comparison's timing could tell is about digests, of
 * which nobody can choose the beginning. A slow hash would protect nothing: there are no weak tokens to guess.
 */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Bytes as a big-endian number in base 62, without leading zeros. */
function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (; rest > 0n; rest /= 62n) text = `${DIGITS.charAt(Number(rest % 62n))}${text}`;
  return text;
}
