/** The kinds of token, by the names syntax errors of the reference print. */
export type TokenType =
  | 'EOF'
  | 'UnquotedIdentifier'
  | 'QuotedIdentifier'
  | 'Variable'
  | 'Literal'
  | 'Number'
  | 'Current'
  | 'Root'
  | 'Expref'
  | 'Dot'
  | 'Comma'
  | 'Colon'
  | 'Question'
  | 'Pipe'
  | 'Or'
  | 'And'
  | 'Not'
  | 'EQ'
  | 'NE'
  | 'LT'
  | 'LTE'
  | 'GT'
  | 'GTE'
  | 'Assign'
  | 'Plus'
  | 'Minus'
  | 'Multiply'
  | 'Divide'
  | 'Div'
  | 'Modulo'
  | 'Star'
  | 'Flatten'
  | 'Filter'
  | 'Lbrace'
  | 'Rbrace'
  | 'Lbracket'
  | 'Rbracket'
  | 'Lparen'
  | 'Rparen';

export interface Token {
  readonly type: TokenType;
  /** The name of an identifier or variable, the value of a literal or number, else the text itself. */
  readonly value: unknown;
  /** Where the token starts and ends in the expression, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/**
 * How tightly each token binds to what stands left of it; 0 (all others) never continues an expression.
 * `*` binds tighter than the other products, and `!` tighter than `.`, as in the reference. Source: jmespath.md §1.
 */
const BINDING_POWER: Partial<Record<TokenType, number>> = {
  Pipe: 10,
  Question: 15,
  Or: 20,
  And: 30,
  EQ: 50,
  NE: 50,
  LT: 50,
  LTE: 50,
  GT: 50,
  GTE: 50,
  Plus: 60,
  Minus: 60,
  Multiply: 70,
  Divide: 70,
  Div: 70,
  Modulo: 70,
  Flatten: 90,
  Star: 200,
  Filter: 210,
  Dot: 400,
  Not: 450,
  Lbrace: 500,
  Lbracket: 550,
  Lparen: 600,
};

/** @returns The binding power of a token type, see the table above. */
export function bindingPower(type: TokenType): number {
  return BINDING_POWER[type] ?? 0;
}

/** Tokens binding weaker than this end a projection: `a[*] | b` pipes the whole list. */
export const PROJECTION_STOP = 100;
