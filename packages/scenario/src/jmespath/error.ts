/** An expression that cannot be parsed, or that fails when it is evaluated. The message is the reference's. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError';
}

/** An expression that does not follow the grammar; found when it is compiled. */
export class ExpressionSyntaxError extends ExpressionError {
  override readonly name = 'ExpressionSyntaxError';
}
