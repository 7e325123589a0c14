/**
 * A data function (`<ref>`, `<tpl>`, `<select>`) that could not be evaluated. The message is the reference's, for
 * example `Failed to evaluate JMESPath expression: <s>. <cause>`; `cause` is the error underneath.
 */
export class DataFunctionError extends Error {
  override readonly name = 'DataFunctionError';
  /** The expression or template that failed. */
  readonly expression: string;

  constructor(expression: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.expression = expression;
  }
}
