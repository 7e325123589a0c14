import type { ErrorCode, FieldError, Problem, RequestPart } from '@handover/contracts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The problem that a failed answer's body tells of. Beside RFC 9457 there are the dialects of the other APIs: `{error, code,
 * details}`, `{code, message, details}` and `{detail}`, where `detail` is words or a list of places. They have fewer codes than
 * the platform, or none: the status says the rest.
 */
export function problemIn(body: unknown, status: number): Partial<Problem> {
  if (typeof body !== 'object' || body === null) return {};
  const { type, code, detail, message, error, details } = body as Json;
  if (typeof type === 'string') return body;
  const errors = Array.isArray(detail)
    ? detail.map(placeOf)
    : Array.isArray(details)
      ? details.map(fieldOf)
      : undefined;
  const words = [detail, message, error].find((one) => typeof one === 'string') ?? errors?.map(wordsOf).join('; ');
  if (words === undefined) return {};
  const known = typeof code === 'string' && /^[a-z_]+$/.test(code) ? (code as ErrorCode) : CODES[status];
  return { detail: words, ...(known && { code: known }), ...(errors && { errors }) };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'state_conflict',
  413: 'body_too_large',
  422: 'invalid_request',
  429: 'rate_limited',
  500: 'internal',
  503: 'unavailable',
  504: 'timeout',
};

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
const pointerTo = (path: readonly string[]): string => path.map((part) => `/${escaped(part)}`).join('');
const wordsOf = ({ pointer, detail }: FieldError): string => `${pointer} ${detail}`.trim();

function placeOf(place: unknown): FieldError {
  const { loc = [], msg = '' } = (place ?? {}) as { loc?: readonly unknown[]; msg?: unknown };
  const [part, ...path] = loc.map(String);
  return { pointer: pointerTo(path), detail: String(msg), in: part as RequestPart };
}

function fieldOf(one: unknown): FieldError {
  const { field = '', message = '' } = (one ?? {}) as Json;
  const path = String(field) === '' ? [] : String(field).split('.');
  return { pointer: pointerTo(path), detail: String(message) };
}
