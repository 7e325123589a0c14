import { ExpressionSyntaxError } from '../error.js';
import { CURRENT, type Entry, type Node, type Sign } from '../syntax.js';
import { bracketAtStart } from './brackets.js';
import { filter, flatten } from './infix.js';
import { hash } from './multiselect.js';
import type { Parser, Prefix, Rules } from './parser.js';
import { invalid } from './problem.js';
import { projected } from './projected.js';
import { bindingPower, type Token } from './token.js';

const literal: Prefix = (_, token) => ({ kind: 'literal', value: token.value });

/** What an expression may start with. */
export const PREFIX: Rules['prefix'] = {
  Literal: literal,
  Number: literal,
  Current: () => CURRENT,
  Root: () => ({ kind: 'root' }),
  Variable: (_, token) => ({ kind: 'variable', name: String(token.value) }),
  UnquotedIdentifier: (parser, token) =>
    token.value === 'let' && parser.peek().type === 'Variable' ? letExpression(parser) : field(token),
  QuotedIdentifier: (parser, token) => {
    if (parser.peek().type !== 'Lparen') return field(token);
    throw new ExpressionSyntaxError('Syntax error: quoted identifier not allowed for function names.');
  },
  Not: (parser) => ({ kind: 'not', operand: parser.expression(bindingPower('Not')) }),
  Plus: (parser) => sign(parser, 'Plus'),
  Minus: (parser, token) => negativeNumber(parser, token) ?? sign(parser, 'Minus'),
  Expref: (parser) => ({ kind: 'reference', body: parser.expression(0) }),
  Lparen: (parser) => {
    const inner = parser.expression(0);
    parser.expect('Rparen');
    return inner;
  },
  Lbrace: hash,
  Lbracket: bracketAtStart,
  Star: (parser) => ({ kind: 'values', source: CURRENT, then: projected(parser, 'Star') }),
  Flatten: (parser) => flatten(parser, CURRENT),
  Filter: (parser) => filter(parser, CURRENT),
};

function field(token: Token): Node {
  return { kind: 'field', name: String(token.value) };
}

/** A minus directly before digits is part of the number, so that `-7 // 2` floors to -4. */
function negativeNumber(parser: Parser, minus: Token): Node | undefined {
  const digits = parser.peek();
  if (digits.type !== 'Number' || digits.start !== minus.end) return undefined;
  return { kind: 'literal', value: -Number(parser.next().value) };
}

function sign(parser: Parser, operator: Sign): Node {
  return { kind: 'sign', operator, operand: parser.expression(bindingPower(operator)) };
}

/** `let $a = x, $b = y in body`; commas may be missing, as in the reference. */
function letExpression(parser: Parser): Node {
  const bindings: Entry[] = [];
  while (parser.peek().type === 'Variable') {
    const name = String(parser.next().value);
    parser.expect('Assign');
    bindings.push({ name, value: parser.expression(0) });
    parser.skip('Comma');
  }
  const keyword = parser.next();
  if (keyword.type !== 'UnquotedIdentifier' || keyword.value !== 'in') throw invalid(keyword);
  return { kind: 'let', bindings, body: parser.expression(0) };
}
