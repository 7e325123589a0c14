import {
  HandoverError,
  parameterNames,
  type BodyDefinition,
  type FieldError,
  type Operation,
  type RequestPart,
} from '@handover/contracts';
import type { z } from 'zod';
import { fieldErrors, mediaType, nearest, parseJsonBody, pointerTo } from './body.js';
import type { RequestContext } from './context.js';

/** The parts of a request, as the operation's schemas made them. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

const PART_NAMES: Readonly<Record<RequestPart, string>> = {
  path: 'path',
  query: 'query',
  header: 'headers',
  body: 'body',
};

/** Reads the parts of one operation's requests. */
export type PartsReader = (context: RequestContext) => Promise<RequestParts>;

/**
 * Reads and checks everything an operation wants to know. What follows from the operation alone is found out here, once.
 * @returns a reader that throws HandoverError: `invalid_request` with a pointer to every member that is wrong, in whichever
 *   part; `unsupported_media_type`, `malformed_body`
 */
export function partsReader(operation: Operation): PartsReader {
  const paramNames = parameterNames(operation.path);
  const headerNames = Object.keys(operation.headers?.shape ?? {});
  return async (context) => {
    const errors: FieldError[] = [];
    const check = (part: RequestPart, schema: z.ZodType | undefined, value: unknown): unknown => {
      const parsed = schema?.safeParse(value);
      if (!parsed?.error) return parsed ? parsed.data : value;
      errors.push(...fieldErrors(parsed.error, part));
      return undefined;
    };
    const params = check('path', operation.params, parametersOf(context, paramNames));
    const given = context.req.url.includes('?') ? context.req.queries() : {};
    const query = check('query', operation.query, operation.query ? queryOf(given) : {});
    errors.push(...unstorable(given));
    const headers = check('header', operation.headers, headersOf(context, headerNames));
    const sent = operation.body && (await bodyOf(context, operation.body));
    const value = sent?.verbatim === false ? check('body', sent.schema, sent.value) : sent?.value;
    if (errors.length > 0) throw invalid(errors);
    return {
      params: storable(params as Record<string, unknown>),
      query,
      headers: headers as RequestParts['headers'],
      body: sent && shaped(operation.body, sent, value),
    };
  };
}

/** No text of the platform can hold U+0000, so an address that does is nobody's; with U+FFFD in its place it still is. */
function storable(params: Record<string, unknown>): Record<string, unknown> {
  const hold = ([, value]: [string, unknown]): boolean => typeof value === 'string' && value.includes('\0');
  if (!Object.entries(params).some(hold)) return params;
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
    ]),
  );
}

type Queries = Readonly<Record<string, readonly string[]>>;

/** A query that holds U+0000 is wrong. */
function unstorable(given: Queries): FieldError[] {
  return Object.entries(given)
    .filter(([, values]) => values.some((value) => value.includes('\0')))
    .map(([name]) => ({ in: 'query', pointer: pointerTo([name]), detail: 'must not contain the character U+0000' }));
}

function invalid(errors: readonly FieldError[]): HandoverError {
  const parts = [...new Set(errors.flatMap((error) => error.in ?? []))].map((part) => PART_NAMES[part]);
  const [only, ...others] = parts;
  const what = others.length === 0 && only !== undefined ? only : 'request';
  return new HandoverError('invalid_request', `The ${what} ${what === 'headers' ? 'are' : 'is'} not valid`, { errors });
}

function parametersOf(context: RequestContext, names: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const name of names) params[name] = context.req.param(name) ?? '';
  return params;
}

/** A parameter that is given once is a text, given again a list of texts. */
function queryOf(given: Queries): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(given).map(([name, values]) => {
      const [only, ...others] = values;
      return [name, only !== undefined && others.length === 0 ? only : values];
    }),
  );
}

function headersOf(context: RequestContext, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = context.req.header(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

interface SentBody {
  readonly media: string;
  readonly value: unknown;
  readonly schema: z.ZodType;
  readonly verbatim: boolean;
}

/** The body, before its schema looks at it; undefined when there is none and none is needed. */
async function bodyOf(context: RequestContext, definition: BodyDefinition): Promise<SentBody | undefined> {
  const { content, optional = false, verbatim = false } = definition;
  const text = await context.req.text();
  if (text === '' && optional) return undefined;
  const type = mediaType(context);
  const media = nearest(type, Object.keys(content));
  const schema = media === undefined ? undefined : content[media];
  if (media === undefined || !schema) {
    throw new HandoverError(
      'unsupported_media_type',
      `The body is sent as ${Object.keys(content).join(' or ')}, not as '${type || 'nothing said'}'`,
    );
  }
  const isJson = media === 'application/json';
  return { media, schema, verbatim, value: isJson && !verbatim ? parseJsonBody(text) : text };
}

function shaped(definition: BodyDefinition | undefined, { media, verbatim }: SentBody, value: unknown): unknown {
  if (verbatim) return { media, text: value };
  const isPlain = Object.keys(definition?.content ?? {}).every((type) => type === 'application/json');
  return isPlain ? value : { media, value };
}
