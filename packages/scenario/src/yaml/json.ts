import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { DocumentSyntaxError, type Position } from './error.js';
import { findJsonError } from './json-error.js';
import { assertLength, assertSafeDocument } from './safe-document.js';

/**
 * Parses JSON from outside.
 * @throws DocumentSyntaxError `INVALID_JSON` with line and column.
 * @throws UnsafeKeyError, LimitExceeded as {@link assertSafeDocument} does, or when the text is too long.
 */
export function parseJson(text: string, limits: Limits = DEFAULT_LIMITS): unknown {
  assertLength(text, limits);
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    // What JSON.parse says, and whether it says where, depends on the JavaScript engine.
    const { offset, message } = findJsonError(text);
    throw new DocumentSyntaxError('INVALID_JSON', message, positionOf(text, offset));
  }
  assertSafeDocument(value, limits);
  return value;
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
