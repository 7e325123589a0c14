import { HandoverError, type AnswerOf, type BodyOf, type storeScenario } from '@handover/contracts';
import { DocumentSyntaxError, LimitExceeded, UnsafeKeyError, parseJson, parseYaml } from '@handover/scenario';
import { isStorable } from '../id.js';

export type Warnings = AnswerOf<typeof storeScenario>['warnings'];

/**
 * Reads a document that an author wrote.
 * @param what it is, for the message
 * @throws HandoverError `malformed_body` with line and column
 */
export function parse(
  { source, format }: BodyOf<typeof storeScenario>,
  what: 'scenario' | 'schema',
): { document: unknown; warnings: Warnings } {
  const unreadable = (why: string, cause?: unknown) =>
    new HandoverError('malformed_body', `The ${what} cannot be read: ${why}`, { cause });
  if (!isStorable(source)) throw unreadable('it contains the character U+0000');
  try {
    if (format === 'json') return { document: parseJson(source), warnings: [] };
    const { value, warnings } = parseYaml(source);
    return { document: value, warnings: warnings.map(({ message }) => ({ pointer: '', detail: message })) };
  } catch (error) {
    if (error instanceof DocumentSyntaxError || error instanceof UnsafeKeyError || error instanceof LimitExceeded) {
      throw unreadable(error.message, error);
    }
    throw error;
  }
}
