import { CURRENT, type Node } from '../syntax.js';
import { hash, list } from './multiselect.js';
import type { Parser } from './parser.js';
import { unexpected } from './problem.js';
import { bindingPower, PROJECTION_STOP, type TokenType } from './token.js';

/** What a projection does with each element: all that follows and binds tighter than a pipe or an operator. */
export function projected(parser: Parser, by: TokenType): Node {
  const token = parser.peek();
  if (bindingPower(token.type) < PROJECTION_STOP) return CURRENT;
  if (token.type === 'Lbracket' || token.type === 'Filter') return parser.expression(bindingPower(by));
  if (parser.skip('Dot')) return afterDot(parser, by);
  throw unexpected(token);
}

/** What may stand behind a dot: a name, `*`, or a multiselect. */
export function afterDot(parser: Parser, by: TokenType): Node {
  const token = parser.peek();
  if (token.type === 'UnquotedIdentifier' || token.type === 'QuotedIdentifier' || token.type === 'Star') {
    return parser.expression(bindingPower(by));
  }
  if (parser.skip('Lbracket')) return list(parser);
  if (parser.skip('Lbrace')) return hash(parser);
  throw unexpected(token);
}
