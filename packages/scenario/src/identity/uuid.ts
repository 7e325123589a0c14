import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** The namespace of URLs (RFC 9562, appendix A): the root of all scenario ids. */
export const URL_NAMESPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** The nil UUID: the namespace of `uuid(name)` in expressions. */
export const NIL_NAMESPACE = '00000000-0000-0000-0000-000000000000';

/** The forms of RFC 9562: a version of 1 to 8 with its variant, the nil and the max UUID. */
const UUID =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12})$/i;

const encoder = new TextEncoder();

/** @returns Whether the text is a UUID in its usual form with hyphens, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * A name-based UUID, version 5: the same name in the same namespace has the same id everywhere (RFC 9562 §5.5).
 *
 * @param name Any text; hashed as UTF-8.
 * @param namespace A UUID.
 * @returns The UUID in lower case.
 * @throws {Error} `Invalid UUID` when the namespace is none.
 */
export function uuid5(name: string, namespace: string): string {
  if (!isUuid(namespace)) throw new Error('Invalid UUID');
  const nameBytes = encoder.encode(name);
  const input = new Uint8Array(16 + nameBytes.length);
  input.set(hexToBytes(namespace.replaceAll('-', '')));
  input.set(nameBytes, 16);
  const digest = sha1(input).slice(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytesToHex(digest);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
