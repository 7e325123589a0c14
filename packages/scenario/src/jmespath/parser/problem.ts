import { ExpressionSyntaxError } from '../error.js';
import type { Token } from './token.js';

/** @returns The error for a token that cannot stand there. */
export function invalid(token: Token): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`Syntax error: invalid token (${token.type}): "${String(token.value)}"`);
}

/** @returns The error for a token that cannot follow a dot, a projection or a slice. */
export function unexpected(token: Token): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`Syntax error, unexpected token: ${String(token.value)}(${token.type})`);
}
