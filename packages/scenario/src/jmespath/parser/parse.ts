import { LimitExceeded, type Limits } from '../../limits.js';
import { ExpressionSyntaxError } from '../error.js';
import { depthOf, type Node } from '../syntax.js';
import { INFIX } from './infix.js';
import { tokenize } from './lexer.js';
import { Parser, tooDeep } from './parser.js';
import { PREFIX } from './prefix.js';

/**
 * Parses an expression by operator precedence.
 *
 * @returns The syntax tree, no deeper than `expressionDepth`.
 * @throws {ExpressionSyntaxError} with the reference's message when the text does not follow the grammar.
 * @throws {LimitExceeded} when the text is too long or nested too deeply.
 */
export function parse(text: string, limits: Limits): Node {
  if (text.length > limits.expressionLength) {
    throw new LimitExceeded('expressionLength', `Expression is longer than ${limits.expressionLength} characters`);
  }
  const parser = new Parser(tokenize(text, limits), { prefix: PREFIX, infix: INFIX }, limits.expressionDepth);
  const tree = parser.expression(0);
  const rest = parser.peek();
  if (rest.type !== 'EOF') {
    throw new ExpressionSyntaxError(`Syntax error: unexpected token type: ${rest.type}, value: ${String(rest.value)}`);
  }
  // Chains such as `a[0][0][0]` nest without recursion of the parser.
  if (depthOf(tree) > limits.expressionDepth) throw tooDeep(limits.expressionDepth);
  return tree;
}
