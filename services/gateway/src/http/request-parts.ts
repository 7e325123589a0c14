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

/**
 * Reads and checks everything an operation wants to know.
 * @throws HandoverError `invalid_request` with a pointer to every member that is wrong, in whichever part;
 *   `unsupported_media_type`, `malformed_body`
 */
export async function readParts(context: RequestContext, operation: Operation): Promise<RequestParts> {
  const errors: FieldError[] = [];
  const check = (part: RequestPart, schema: z.ZodType | undefined, value: unknown): unknown => {
    const parsed = schema?.safeParse(value);
    if (!parsed?.error) return parsed ? parsed.data : value;
    errors.push(...fieldErrors(parsed.error, part));
    return undefined;
  };
  const params = check('path', operation.params, parametersOf(context, operation));
  const query = check('query', operation.query, operation.query ? queryOf(context) : {});
  errors.push(...unstorable(context));
  const headers = check('header', operation.headers, headersOf(context, operation));
  const sent = operation.body && (await bodyOf(context, operation.body));
  const value = sent?.verbatim === false ? check('body', sent.schema, sent.value) : sent?.value;
  if (errors.length > 0) throw invalid(errors);
  return {
    params: storable(params),
    query,
    headers: headers as RequestParts['headers'],
    body: sent && shaped(operation.body, sent, value),
  };
}

/** No text of the platform can hold U+0000, so an address that does is nobody's; with U+FFFD in its place it still is. */
const storable = <Params>(params: Params): Params =>
  Object.fromEntries(
    Object.entries(params as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
    ]),
  ) as Params;

/** A query that holds U+0000 is wrong. */
function unstorable(context: RequestContext): FieldError[] {
  return Object.entries(context.req.queries())
    .filter(([, values]) => values.some((value) => value.includes('\0')))
    .map(([name]) => ({ in: 'query', pointer: pointerTo([name]), detail: 'must not contain the character U+0000' }));
}

function invalid(errors: readonly FieldError[]): HandoverError {
  const parts = [...new Set(errors.flatMap((error) => error.in ?? []))].map((part) => PART_NAMES[part]);
  const [only, ...others] = parts;
  const what = others.length === 0 && only !== undefined ? only : 'request';
  return new HandoverError('invalid_request', `The ${what} ${what === 'headers' ? 'are' : 'is'} not valid`, { errors });
}

function parametersOf(context: RequestContext, { path }: Operation): Record<string, string> {
  return Object.fromEntries(parameterNames(path).map((name) => [name, context.req.param(name) ?? '']));
}

/** A parameter that is given once is a text, given again a list of texts. */
function queryOf(context: RequestContext): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => {
      const [only, ...others] = values;
      return [name, only !== undefined && others.length === 0 ? only : values];
    }),
  );
}

function headersOf(context: RequestContext, { headers }: Operation): Record<string, string> {
  return Object.fromEntries(
    Object.keys(headers?.shape ?? {}).flatMap((name) => {
      const value = context.req.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
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
