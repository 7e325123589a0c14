import { HandoverError, type FieldError, type RequestPart } from '@handover/contracts';
import { DocumentSyntaxError, LimitExceeded, UnsafeKeyError, parseJson } from '@handover/scenario';
import type { z } from 'zod';
import type { RequestContext } from './context.js';

/** Media type of the body without parameters, in lower case; empty when there is none. */
export function mediaType(context: RequestContext): string {
  return (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

const YAML = /^(application|text)\/(x-)?yaml$|\+yaml$/;

/** The one of `accepted` that a media type is, or is a kind of: `application/ld+json` is JSON, `text/yaml` is YAML. */
export function nearest(type: string, accepted: readonly string[]): string | undefined {
  const name = type.endsWith('+json') ? 'application/json' : YAML.test(type) ? 'application/yaml' : type;
  return [type, name].find((candidate) => accepted.includes(candidate));
}

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

/** A schema's issues as field errors: JSON pointer and words. */
export function fieldErrors(error: z.ZodError, part: RequestPart): FieldError[] {
  return error.issues.map((issue) => ({
    in: part,
    pointer: pointerTo(issue.path),
    detail: issue.message,
  }));
}

/** A JSON Pointer (RFC 6901). */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
