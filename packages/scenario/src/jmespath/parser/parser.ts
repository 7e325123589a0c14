import { LimitExceeded } from '../../limits.js';
import { ExpressionSyntaxError } from '../error.js';
import type { Node } from '../syntax.js';
import { invalid } from './problem.js';
import { bindingPower, type Token, type TokenType } from './token.js';

/** Parses what a token starts; the token itself has been taken. */
export type Prefix = (parser: Parser, token: Token) => Node;

/** Parses what an operator makes of the expression left of it; the operator itself has been taken. */
export type Infix = (parser: Parser, left: Node) => Node;

/** A grammar: what an expression may start with, and what may follow one. */
export interface Rules {
  readonly prefix: Readonly<Partial<Record<TokenType, Prefix>>>;
  readonly infix: Readonly<Partial<Record<TokenType, Infix>>>;
}

/** Reads tokens one after another, by operator precedence; the rules say what each of them means. */
export class Parser {
  readonly #tokens: readonly Token[];
  readonly #rules: Rules;
  readonly #depthLimit: number;
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], rules: Rules, depthLimit: number) {
    this.#tokens = tokens;
    this.#rules = rules;
    this.#depthLimit = depthLimit;
  }

  /** Parses an expression as far as operators bind tighter than `power`. */
  expression(power: number): Node {
    if (++this.#depth > this.#depthLimit) throw tooDeep(this.#depthLimit);
    const first = this.next();
    const prefix = this.#rules.prefix[first.type];
    if (!prefix) throw invalid(first);
    let left = prefix(this, first);
    while (power < bindingPower(this.peek().type)) {
      const infix = this.#rules.infix[this.next().type];
      if (!infix) throw invalid(this.peek());
      left = infix(this, left);
    }
    this.#depth--;
    return left;
  }

  /** @returns The token that comes next, or so many after it; at the end always `EOF`. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#position + ahead] ?? this.#tokens.at(-1);
    if (!token) throw new TypeError('A token list ends in EOF');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }

  /** Takes a token of that type if it comes next. */
  skip(type: TokenType): boolean {
    const found = this.peek().type === type;
    if (found) this.next();
    return found;
  }

  /** Takes a token of that type. @throws {ExpressionSyntaxError} when another comes next. */
  expect(type: TokenType): void {
    const token = this.next();
    if (token.type !== type) throw new ExpressionSyntaxError(`Syntax error: expected ${type}, got: ${token.type}`);
  }
}

/** @returns The error for an expression beyond `expressionDepth`. */
export function tooDeep(limit: number): LimitExceeded {
  return new LimitExceeded('expressionDepth', `Expression is nested deeper than ${limit} levels`);
}
