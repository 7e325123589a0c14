import type { Limits } from '../../limits.js';
import { ExpressionSyntaxError } from '../error.js';
import { measureJson } from '../json-size.js';
import type { Token, TokenType } from './token.js';

/** Tokens of fixed text, longest first: `[?` before `[`, `==` before `=`. */
const SYMBOLS: readonly (readonly [text: string, type: TokenType])[] = [
  ['[?', 'Filter'],
  ['[]', 'Flatten'],
  ['||', 'Or'],
  ['&&', 'And'],
  ['==', 'EQ'],
  ['!=', 'NE'],
  ['<=', 'LTE'],
  ['>=', 'GTE'],
  ['//', 'Div'],
  ['.', 'Dot'],
  [',', 'Comma'],
  [':', 'Colon'],
  ['|', 'Pipe'],
  ['!', 'Not'],
  ['<', 'LT'],
  ['>', 'GT'],
  ['=', 'Assign'],
  ['&', 'Expref'],
  ['+', 'Plus'],
  ['-', 'Minus'],
  ['\u2212', 'Minus'],
  ['×', 'Multiply'],
  ['÷', 'Divide'],
  ['/', 'Divide'],
  ['%', 'Modulo'],
  ['*', 'Star'],
  ['@', 'Current'],
  ['$', 'Root'],
  ['{', 'Lbrace'],
  ['}', 'Rbrace'],
  ['[', 'Lbracket'],
  [']', 'Rbracket'],
  ['(', 'Lparen'],
  [')', 'Rparen'],
];

const SPACE = /[ \t\n\r]+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const VARIABLE = /\$[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const QUOTED = /"(?:[^"\\]|\\[^])*"/y;
const RAW = /'(?:[^'\\]|\\[^])*'/y;
const JSON_LITERAL = /`(?:[^`\\]|\\[^])*`/y;

/**
 * Splits an expression into tokens, closed by one of type `EOF`.
 *
 * @throws {ExpressionSyntaxError} for characters no token starts with, unclosed quotes and malformed literals.
 * @throws {LimitExceeded} for a literal nested deeper than a document may be.
 */
export function tokenize(text: string, limits: Limits): Token[] {
  const tokens: Token[] = [];
  let position = skipSpace(text, 0);
  while (position < text.length) {
    const token = tokenAt(text, position);
    if (token.type === 'Literal') measureJson(token.value, limits);
    tokens.push(token);
    position = skipSpace(text, token.end);
  }
  tokens.push({ type: 'EOF', value: '', start: position, end: position });
  return tokens;
}

function skipSpace(text: string, position: number): number {
  return position + (matchAt(SPACE, text, position)?.length ?? 0);
}

/** @returns What the sticky pattern matches exactly there. */
function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function tokenAt(text: string, start: number): Token {
  const token = (type: TokenType, source: string, value: unknown = source): Token => ({
    type,
    value,
    start,
    end: start + source.length,
  });

  const identifier = matchAt(IDENTIFIER, text, start);
  if (identifier !== undefined) return token('UnquotedIdentifier', identifier);
  const number = matchAt(NUMBER, text, start);
  if (number !== undefined) return token('Number', number, finite(number));
  const variable = matchAt(VARIABLE, text, start);
  if (variable !== undefined) return token('Variable', variable, variable.slice(1));

  const quote = text[start];
  if (quote === '"') return quotedIdentifier(text, start, token);
  if (quote === "'") return rawString(text, start, token);
  if (quote === '`') return jsonLiteral(text, start, token);
  // Set off by white space `?` opens a ternary; glued to an operand it stays the syntax error of the reference.
  if (quote === '?' && start > 0 && matchAt(SPACE, text, start - 1) !== undefined) return token('Question', '?');
  const symbol = SYMBOLS.find(([symbolText]) => text.startsWith(symbolText, start));
  if (symbol) return token(symbol[1], symbol[0]);
  throw new ExpressionSyntaxError(
    `Syntax error: unknown character: ${String.fromCodePoint(text.codePointAt(start) ?? 0)}`,
  );
}

type MakeToken = (type: TokenType, source: string, value: unknown) => Token;

function finite(digits: string): number {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new ExpressionSyntaxError('Syntax error: number literal is out of range');
  return value;
}

function quotedIdentifier(text: string, start: number, token: MakeToken): Token {
  const source = matchAt(QUOTED, text, start);
  const name = source === undefined ? undefined : parseJson(source);
  if (source === undefined || name === undefined) {
    throw new ExpressionSyntaxError('syntax: unexpected end of JSON input');
  }
  return token('QuotedIdentifier', source, name);
}

function rawString(text: string, start: number, token: MakeToken): Token {
  const source = matchAt(RAW, text, start);
  if (source === undefined) throw new ExpressionSyntaxError("Syntax error: unclosed string, expected '");
  return token('Literal', source, source.slice(1, -1).replace(/\\(['\\])/g, '$1'));
}

function jsonLiteral(text: string, start: number, token: MakeToken): Token {
  const source = matchAt(JSON_LITERAL, text, start);
  // Only the first escaped backtick is unescaped: a second one makes the literal malformed, as in the reference.
  const value = source === undefined ? undefined : parseJson(source.slice(1, -1).replace('\\`', '`'));
  if (source === undefined || value === undefined) {
    const found = source === undefined ? 'undefined' : '`';
    throw new ExpressionSyntaxError(
      `Syntax error: unexpected end of JSON input or invalid format for a JSON literal: ${found}`,
    );
  }
  return token('Literal', source, value);
}

/** @returns The value, or undefined (which JSON cannot express) when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
