import { Composer, Lexer, LineCounter, Parser, type Document } from 'yaml';

import { DEFAULT_LIMITS, LimitExceeded, type Limits } from '../limits.js';
import { Converter, type ParseWarning } from './convert.js';
import { DocumentSyntaxError } from './error.js';
import { assertLength, assertSafeDocument } from './safe-document.js';
import { SCENARIO_TAGS, type YamlTags } from './tags.js';

export interface YamlOptions {
  readonly limits?: Limits;
  /** Tags of the application's own, beside those of the language or in their place. */
  readonly tags?: YamlTags;
}

export interface ParsedYaml {
  /** A plain JSON value that shares nothing with itself: aliases are written out. */
  readonly value: unknown;
  /** Tags that were dropped, because nobody knows them or they stand on the wrong kind of node. */
  readonly warnings: readonly ParseWarning[];
}

/**
 * Parses YAML 1.2 (core schema, merge keys) with the tags of the scenario language (§1).
 *
 * Work is linear in the length of the text and of what its aliases expand to, both bounded.
 *
 * @throws DocumentSyntaxError with code, line and column.
 * @throws UnsafeKeyError for a key such as `__proto__`.
 * @throws LimitExceeded when the document is too long, too deep, or its aliases expand to too much.
 */
export function parseYaml(text: string, { limits = DEFAULT_LIMITS, tags = {} }: YamlOptions = {}): ParsedYaml {
  assertLength(text, limits);
  const lines = new LineCounter();
  const document = compose(text, lines, limits);
  const converter = new Converter({ lines, limits, tags: { ...SCENARIO_TAGS, ...tags } });
  const value = converter.convert(document.contents);
  assertSafeDocument(value, limits);
  return { value, warnings: converter.warnings };
}

/**
 * The library builds the tree; tags, aliases, merge keys and duplicate keys are left to our converter, because the
 * library's ways with them are quadratic or worse on hostile documents.
 */
function compose(text: string, lines: LineCounter, limits: Limits): Document.Parsed {
  const composer = new Composer({
    ...{ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, resolveKnownTags: false },
    ...{ prettyErrors: false, logLevel: 'error', keepSourceTokens: false },
    lineCounter: lines,
  });
  const documents = composer.compose(boundedTokens(text, lines, limits), true, text.length);
  const first = documents.next().value as Document.Parsed;
  const [error] = first.errors;
  if (error) throw syntaxError(error.code, error.message, error.pos[0], lines);
  const second = documents.next();
  if (!second.done) {
    throw syntaxError('MULTIPLE_DOCS', 'A scenario must be a single document', second.value.range[0], lines);
  }
  return first;
}

/** The composer recurses and must not see what is nested too deeply: the parser's own stack tells. */
function* boundedTokens(text: string, lines: LineCounter, limits: Limits) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The document and the scalar at the very bottom take an entry each.
    if (parser.stack.length > limits.documentDepth + 2) {
      throw new LimitExceeded('documentDepth', `Document is nested deeper than ${limits.documentDepth} levels`);
    }
  }
  yield* parser.end();
}

function syntaxError(code: string, message: string, offset: number, lines: LineCounter): DocumentSyntaxError {
  const { line, col } = lines.linePos(offset);
  return new DocumentSyntaxError(code, message.slice(0, 200), { line, column: col });
}
