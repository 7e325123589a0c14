import { ExpressionSyntaxError } from '../error.js';
import { CURRENT, type Node, type SliceBounds } from '../syntax.js';
import { list } from './multiselect.js';
import type { Parser } from './parser.js';
import { unexpected } from './problem.js';
import { projected } from './projected.js';

/** `[` where an expression may start: an index, a slice, `[*]`, or a multiselect list. */
export function bracketAtStart(parser: Parser): Node {
  if (atIndex(parser)) return index(parser, CURRENT);
  if (parser.peek().type === 'Star' && parser.peek(1).type === 'Rbracket') return elements(parser, CURRENT);
  return list(parser);
}

/** `[` after an expression: an index, a slice or `[*]`. */
export function bracketAfter(parser: Parser, left: Node): Node {
  return atIndex(parser) ? index(parser, left) : elements(parser, left);
}

function elements(parser: Parser, source: Node): Node {
  parser.expect('Star');
  parser.expect('Rbracket');
  return { kind: 'elements', source, then: projected(parser, 'Star') };
}

/** A number is an index only directly after the bracket; everywhere else it is a literal (jmespath.md §2, REC). */
function atIndex(parser: Parser): boolean {
  return parser.peek().type === 'Colon' || tokensOfInteger(parser) > 0;
}

function index(parser: Parser, source: Node): Node {
  const position = integer(parser);
  if (position === null || parser.peek().type === 'Colon') {
    return { kind: 'slice', source, bounds: sliceBounds(parser, position), then: projected(parser, 'Star') };
  }
  parser.expect('Rbracket');
  return { kind: 'index', source, index: position };
}

function sliceBounds(parser: Parser, start: number | null): SliceBounds {
  const bounds: [number | null, number | null, number | null] = [start, null, null];
  for (let part = 1; parser.skip('Colon'); part++) {
    if (part === bounds.length) {
      throw new ExpressionSyntaxError('Syntax error, too many colons in slice expression');
    }
    bounds[part] = integer(parser);
  }
  if (!parser.skip('Rbracket')) throw unexpected(parser.peek());
  return bounds;
}

/** @returns How many tokens the integer ahead takes: 1, 2 with its sign, 0 when there is none. */
function tokensOfInteger(parser: Parser): 0 | 1 | 2 {
  const [first, second] = [parser.peek(), parser.peek(1)];
  if (first.type === 'Number') return 1;
  return first.type === 'Minus' && second.type === 'Number' && second.start === first.end ? 2 : 0;
}

function integer(parser: Parser): number | null {
  const length = tokensOfInteger(parser);
  if (length === 0) return null;
  if (length === 2) parser.next();
  const value = Number(parser.next().value);
  // The reference knows whole numbers only, and trips over the point.
  if (!Number.isInteger(value)) throw new ExpressionSyntaxError('Syntax error: expected Rbracket, got: Dot');
  return length === 2 ? -value : value;
}
