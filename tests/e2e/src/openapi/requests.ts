import { OPERATIONS, parameterNames, type Operation } from '@handover/contracts';
import * as fc from 'fast-check';
import { DOCUMENT } from './document.js';
import { valueOf, type Schema } from './values.js';

/** A request as it is sent: an address, headers, a body. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Texts that have broken things elsewhere. */
const HOSTILE = [
  '',
  '\u0000',
  '%00',
  '../../etc/passwd',
  "' or 1=1 --",
  '__proto__',
  'constructor',
  '\uD800',
  '💥',
  '-1',
  '1e400',
  'NaN',
  'null',
  '[]',
  ' ',
  'a'.repeat(3_000),
];
const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));

/**
 * Requests to the operations of the document: most of them nearly right, some nonsense in one part or another.
 * @param known ids that exist, so that requests get somewhere
 */
export function requests(known: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  return fc.constantFrom(...OPERATIONS).chain((operation) => requestTo(operation, known));
}

function requestTo(operation: Operation, known: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const paths = DOCUMENT.paths as Record<string, Record<string, Described>>;
  const { parameters = [], requestBody } = paths[operation.path]?.[operation.method] ?? {};
  const inPart = (part: Parameter['in']) => parameters.filter((parameter) => parameter.in === part);
  const id = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: hostile });
  return fc
    .record({
      params: fc.tuple(...parameterNames(operation.path).map(() => id)),
      query: some(inPart('query')),
      headers: some(inPart('header')),
      body: requestBody ? bodyOf(requestBody.content, known) : fc.constant(undefined),
    })
    .map(({ params, query, headers, body }) => {
      let nth = 0;
      const address = operation.path.replaceAll(/\{\w+\}/g, () => encoded(params[nth++] ?? ''));
      const search = new URLSearchParams(query).toString();
      return {
        method: operation.method.toUpperCase(),
        path: search === '' ? address : `${address}?${search}`,
        headers: { ...sendable(headers), ...(body && { 'content-type': body.media }) },
        ...(body && { body: body.text }),
      };
    });
}

/** Some of the parameters, each nearly always as described. */
function some(parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> {
  const members = Object.fromEntries(
    parameters.map(({ name, schema }) => {
      const described = valueOf(schema).map((value) => (Array.isArray(value) ? value.join(',') : String(value)));
      return [name, fc.oneof({ weight: 3, arbitrary: described }, { weight: 1, arbitrary: hostile })];
    }),
  );
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>;
}

function bodyOf(
  content: Readonly<Record<string, { readonly schema: Schema }>>,
  known: readonly string[],
): fc.Arbitrary<{ media: string; text: string } | undefined> {
  const right = fc.constantFrom(...Object.entries(content)).chain(([media, { schema }]) =>
    valueOf(schema, known).map((value) => ({
      media,
      text: typeof value === 'string' && media !== 'application/json' ? value : (JSON.stringify(value) ?? ''),
    })),
  );
  const other = fc.record({
    media: fc.constantFrom('application/json', 'application/yaml', 'text/plain', 'application/octet-stream', 'x'),
    text: fc.oneof(
      fc.json(),
      hostile,
      fc.constantFrom('{', '{"a":', '[[[[', '!!js/function a', '&a [*a]', '{"__proto__":{}}'),
    ),
  });
  return fc.oneof(
    { weight: 5, arbitrary: right },
    { weight: 2, arbitrary: other },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** An empty segment, or one of dots, would be another address. */
function encoded(segment: string): string {
  const text = /\p{Surrogate}/u.test(segment) ? '%ED%A0%80' : encodeURIComponent(segment);
  return text === '' || /^\.+$/.test(text) ? '%20' : text;
}

/** What HTTP lets into a header; the rest never reaches a server. */
const sendable = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\t\x20-\x7e]/g, '?').trim()]),
  );
