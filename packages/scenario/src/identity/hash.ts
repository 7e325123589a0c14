import { hmac as hmacOf } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import { stableJson } from './stable-json.js';

const encoder = new TextEncoder();

/** Room for the text of an event: encoding into it takes a quarter of the time of a new array for each. */
const scratch = new Uint8Array(8192);

/**
 * The hash of a document or an event: SHA-256 of the UTF-8 text of its stable JSON. A string is hashed as it is, without
 * quotes. Source: process-semantics §6.1.
 *
 * @returns 64 lower-case hexadecimal digits.
 */
export function hash(value: unknown): string {
  return sha256Hex(textOf(value));
}

/**
 * HMAC-SHA-256 of the same text {@link hash} hashes. Source: process-semantics §6.4.
 *
 * @param key The secret, used as UTF-8.
 * @returns 64 lower-case hexadecimal digits.
 */
export function hmac(value: unknown, key: string): string {
  return bytesToHex(hmacOf(sha256, encoder.encode(key), encoder.encode(textOf(value))));
}

/** @returns SHA-256 of the text's UTF-8 form, 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8(text)));
}

/** @returns SHA-512 of the text's UTF-8 form, 128 lower-case hexadecimal digits. */
export function sha512Hex(text: string): string {
  return bytesToHex(sha512(encoder.encode(text)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : stableJson(value);
}

/** @returns The text as UTF-8, valid until the next call. */
function utf8(text: string): Uint8Array {
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 > scratch.length) return encoder.encode(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}
