import { ExpressionSyntaxError } from '../error.js';
import type { ArithmeticOperator, ComparisonOperator, Node } from '../syntax.js';
import { bracketAfter } from './brackets.js';
import type { Infix, Parser, Rules } from './parser.js';
import { afterDot, projected } from './projected.js';
import { bindingPower, type TokenType } from './token.js';

const arithmetic =
  (operator: ArithmeticOperator, type: TokenType = operator): Infix =>
  (parser, left) => ({ kind: 'arithmetic', operator, left, right: parser.expression(bindingPower(type)) });

const comparison =
  (operator: ComparisonOperator): Infix =>
  (parser, left) => ({ kind: 'comparison', operator, left, right: parser.expression(bindingPower(operator)) });

/** What may follow an expression. */
export const INFIX: Rules['infix'] = {
  Pipe: (parser, left) => ({ kind: 'pipe', source: left, then: parser.expression(bindingPower('Pipe')) }),
  Or: (parser, left) => ({ kind: 'or', left, right: parser.expression(bindingPower('Or')) }),
  And: (parser, left) => ({ kind: 'and', left, right: parser.expression(bindingPower('And')) }),
  EQ: comparison('EQ'),
  NE: comparison('NE'),
  LT: comparison('LT'),
  LTE: comparison('LTE'),
  GT: comparison('GT'),
  GTE: comparison('GTE'),
  Plus: arithmetic('Plus'),
  Minus: arithmetic('Minus'),
  Multiply: arithmetic('Multiply'),
  Divide: arithmetic('Divide'),
  Div: arithmetic('Div'),
  Modulo: arithmetic('Modulo'),
  Star: arithmetic('Multiply', 'Star'),
  Question: conditional,
  Dot: dot,
  Flatten: flatten,
  Filter: filter,
  Lbracket: bracketAfter,
  Lparen: call,
};

/** `a[]` */
export function flatten(parser: Parser, source: Node): Node {
  return { kind: 'flatten', source, then: projected(parser, 'Flatten') };
}

/** `a[?condition]` */
export function filter(parser: Parser, source: Node): Node {
  const condition = parser.expression(0);
  parser.expect('Rbracket');
  return { kind: 'filter', source, condition, then: projected(parser, 'Filter') };
}

/** `a ? b : c`; both branches reach as far as they can: `a ? b : c | d` pipes only the second. */
function conditional(parser: Parser, condition: Node): Node {
  const yes = parser.expression(0);
  parser.expect('Colon');
  return { kind: 'conditional', condition, yes, no: parser.expression(0) };
}

/** `a.b`, `a.*` */
function dot(parser: Parser, source: Node): Node {
  if (parser.skip('Star')) return { kind: 'values', source, then: projected(parser, 'Dot') };
  return { kind: 'member', source, then: afterDot(parser, 'Dot') };
}

/** `name(a, b)`; commas may be missing or trail, as in the reference. */
function call(parser: Parser, callee: Node): Node {
  if (callee.kind !== 'field') throw new ExpressionSyntaxError('Syntax error: expected a Field node');
  const args: Node[] = [];
  while (!parser.skip('Rparen')) {
    args.push(parser.expression(0));
    parser.skip('Comma');
  }
  return { kind: 'call', name: callee.name, args };
}
