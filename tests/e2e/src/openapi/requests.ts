import { OPERATIONS, type Operation } from '@handover/contracts';
import * as fc from 'fast-check';
import { DOCUMENT } from './document.js';
import type { Known } from './known.js';
import { valueOf, type Schema } from './values.js';

/** A request as it is sent: an address, headers, a body. */
export interface FuzzedRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
  readonly example?: string | number | boolean;
}
type Content = Readonly<
  Record<string, { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }>
>;
interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
}
interface Body {
  readonly media: string;
  readonly text: string;
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
 * Requests to the operations of the document. Half of them are as described; in each of the others one part is nonsense, or
 * nearly right.
 */
export function requests(known: Known): fc.Arbitrary<FuzzedRequest> {
  return fc.constantFrom(...OPERATIONS).chain((operation) => requestTo(operation, known));
}

function requestTo(operation: Operation, known: Known): fc.Arbitrary<FuzzedRequest> {
  const paths = DOCUMENT.paths as Record<string, Record<string, Described>>;
  const { parameters = [], requestBody } = paths[operation.path]?.[operation.method] ?? {};
  const inPart = (part: Parameter['in']) => parameters.filter((parameter) => parameter.in === part);
  const half = { weight: 4, arbitrary: fc.constant('nothing') };
  return fc.oneof(half, fc.constantFrom('path', 'query', 'header', 'body')).chain((spoilt) =>
    fc
      .record({
        address: addressOf(operation, known, spoilt === 'path'),
        query: some(inPart('query'), known, spoilt === 'query'),
        headers: some(inPart('header'), known, spoilt === 'header'),
        body: requestBody ? bodyOf(requestBody.content, known, spoilt === 'body') : fc.constant(undefined),
      })
      .map(({ address, query, headers, body }) => {
        const search = new URLSearchParams(query).toString();
        return {
          operation,
          path: search === '' ? address : `${address}?${search}`,
          headers: { ...sendable(headers), ...(body && { 'content-type': body.media }) },
          ...(body && { body: body.text }),
        };
      }),
  );
}

function addressOf({ path }: Operation, known: Known, isSpoilt: boolean): fc.Arbitrary<string> {
  const segments = path.split('/').map((segment, index, all) => {
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    if (name === undefined) return fc.constant(segment);
    const folder = all[index - 1] ?? '';
    const right = known.of(folder.startsWith('{') ? name : folder);
    return (isSpoilt ? fc.oneof(hostile, known.any()) : right).map(encoded);
  });
  return fc.tuple(...segments).map((parts) => parts.join('/'));
}

/** A few of the parameters. */
function some(parameters: readonly Parameter[], known: Known, isSpoilt: boolean): fc.Arbitrary<Record<string, string>> {
  const values = parameters.map(({ name, schema, example }) => {
    const random = valueOf(schema, known.of(name)).map((value) =>
      Array.isArray(value) ? value.join() : String(value),
    );
    const described = example === undefined ? random : fc.oneof(fc.constant(String(example)), random);
    return fc.tuple(fc.constant(name), isSpoilt ? fc.oneof(hostile, described) : described);
  });
  return fc
    .subarray(values, { maxLength: Math.min(values.length, 3) })
    .chain((chosen) => fc.tuple(...chosen))
    .map((entries) => Object.fromEntries(entries));
}

function bodyOf(content: Content, known: Known, isSpoilt: boolean): fc.Arbitrary<Body | undefined> {
  const described = fc.constantFrom(...Object.entries(content)).chain(([media, { schema, examples = {} }]) => {
    const random = valueOf(schema, known.any());
    const shown = Object.values(examples).map(({ value }) => withKnown('', value, known));
    const value = fc.oneof(...shown, random);
    return (isSpoilt ? value.chain((right) => fc.oneof(random, spoilt(right))) : value).map((one) => ({
      media,
      text: typeof one === 'string' && media !== 'application/json' ? one : (JSON.stringify(one) ?? ''),
    }));
  });
  if (!isSpoilt) return described;
  const other = fc.record({
    media: fc.constantFrom('application/json', 'application/yaml', 'text/plain', 'application/octet-stream', 'x'),
    text: fc.oneof(
      fc.json(),
      hostile,
      fc.constantFrom('{', '{"a":', '[[[[', '!!js/function a', '&a [*a]', '{"__proto__":{}}'),
    ),
  });
  return fc.oneof({ weight: 3, arbitrary: described }, other, fc.constant(undefined));
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** An example, with ids of what is there in place of the printed ones. */
function withKnown(member: string, value: unknown, known: Known): fc.Arbitrary<unknown> {
  if (typeof value === 'string') return UUID.test(value) ? known.of(member) : fc.constant(value);
  if (Array.isArray(value)) return fc.tuple(...value.map((item) => withKnown(member, item, known)));
  if (typeof value !== 'object' || value === null) return fc.constant(value);
  return fc.record(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withKnown(key, one, known)])));
}

/** With one member, at any depth, replaced by something else. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const other = fc.oneof(fc.jsonValue({ maxDepth: 2 }), hostile);
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return other;
  return fc
    .constantFrom(...Object.entries(value))
    .chain(([key, one]) =>
      fc
        .oneof(spoilt(one), other)
        .map((replaced) => (Array.isArray(value) ? value.with(Number(key), replaced) : { ...value, [key]: replaced })),
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
