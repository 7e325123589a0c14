import { BusError } from '../port.js';

/** Largest encoded body unless configured otherwise: 8 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

const isJson = (contentType: string): boolean => /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType);

/** A body that is JSON text already, as `JSON.stringify` writes it: it is sent as it is. */
export class JsonText {
  constructor(readonly text: string) {}
}

/**
 * @param body any JSON value, or {@link JsonText}
 * @returns its UTF-8 JSON text
 * @throws BusError `malformed` when JSON cannot hold it or it is larger than `maxBytes`
 */
export function encodeBody(body: unknown, maxBytes: number): Buffer {
  let text: string | undefined;
  try {
    text = body instanceof JsonText ? body.text : JSON.stringify(body);
  } catch (cause) {
    throw new BusError('malformed', 'body cannot be written as JSON', { cause });
  }
  if (text === undefined) throw new BusError('malformed', 'body is not a JSON value');
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes) {
    throw new BusError('malformed', `body of ${bytes.length} bytes exceeds the limit of ${maxBytes}`);
  }
  return bytes;
}

/** @throws BusError `malformed` when the bytes are too many, not JSON by their content type, or not JSON in fact. */
export function decodeBody(bytes: Buffer, contentType: string | undefined, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw new BusError('malformed', `body of ${bytes.length} bytes exceeds the limit of ${maxBytes}`);
  }
  if (contentType !== undefined && !isJson(contentType)) {
    throw new BusError('malformed', `content type "${contentType.slice(0, 100)}" is not JSON`);
  }
  return parseText(bytes.toString('utf8'));
}

/** @throws BusError `malformed` when the text is not JSON */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BusError('malformed', 'body is not JSON', { cause });
  }
}
