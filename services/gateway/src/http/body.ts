import { HandoverError, type FieldError } from '@handover/contracts';
import type { z } from 'zod';
import { DocumentSyntaxError, LimitExceeded, UnsafeKeyError, parseJson } from '@handover/scenario';
import type { RequestContext } from './context.js';

/** The body's text. The size limit is enforced before a route runs (see app.ts). */
export function readText(context: RequestContext): Promise<string> {
  return context.req.text();
}

/** Media type of the body without parameters, in lower case; empty when there is none. */
export function mediaType(context: RequestContext): string {
  return (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Whether a media type is JSON (`application/json`, `application/ld+json`, …). */
export const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');

/**
 * A JSON text's value.
 * @throws HandoverError `malformed_body` naming line and column, or the key or depth that is not allowed
 */
export function parseJsonBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof DocumentSyntaxError || error instanceof UnsafeKeyError || error instanceof LimitExceeded) {
      throw new HandoverError('malformed_body', `The body cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/**
 * The JSON body in the shape a route needs.
 * @throws HandoverError `unsupported_media_type`, `malformed_body`, or `invalid_request` with a pointer to every wrong member
 */
export async function readJson<Schema extends z.ZodType>(
  context: RequestContext,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const type = mediaType(context);
  if (!isJson(type)) {
    throw new HandoverError(
      'unsupported_media_type',
      `The body must be application/json, not '${type || 'nothing said'}'`,
    );
  }
  const parsed = schema.safeParse(parseJsonBody(await readText(context)));
  if (parsed.success) return parsed.data;
  throw new HandoverError('invalid_request', 'The body is not valid', { errors: fieldErrors(parsed.error) });
}

/**
 * The query in the shape a route needs.
 * @throws HandoverError `invalid_request` naming every parameter that is wrong
 */
export function readQuery<Schema extends z.ZodType>(context: RequestContext, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(context.req.query());
  if (parsed.success) return parsed.data;
  throw new HandoverError('invalid_request', 'The query is not valid', { errors: fieldErrors(parsed.error) });
}

/** A schema's issues as field errors: JSON pointer and words. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.map((issue) => ({
    pointer: issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    detail: issue.message,
  }));
}
