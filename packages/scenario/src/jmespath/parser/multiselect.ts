import { ExpressionSyntaxError } from '../error.js';
import type { Entry, Node } from '../syntax.js';
import type { Parser } from './parser.js';

/** The rest of `[a, b]`; commas may be missing, as in the reference, but none may stand before the bracket. */
export function list(parser: Parser): Node {
  const items: Node[] = [];
  while (!parser.skip('Rbracket')) {
    items.push(parser.expression(0));
    if (parser.skip('Comma') && parser.peek().type === 'Rbracket') {
      throw new ExpressionSyntaxError('Syntax error: unexpected token Rbracket');
    }
  }
  return { kind: 'list', items };
}

/** The rest of `{a: x, b: y}`; commas may be missing, as in the reference. */
export function hash(parser: Parser): Node {
  const entries: Entry[] = [];
  do {
    const key = parser.next();
    if (key.type !== 'UnquotedIdentifier' && key.type !== 'QuotedIdentifier') {
      throw new ExpressionSyntaxError(`Syntax error: expecting an identifier token, got: ${key.type}`);
    }
    parser.expect('Colon');
    entries.push({ name: String(key.value), value: parser.expression(0) });
  } while (parser.skip('Comma') || !parser.skip('Rbrace'));
  return { kind: 'hash', entries };
}
