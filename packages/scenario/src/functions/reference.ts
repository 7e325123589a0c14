import { compileExpression, type CompiledExpression, type ExpressionOptions } from '../jmespath/index.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { constant, failing, type CompiledValue } from './compiled-value.js';
import { DataFunctionError } from './error.js';

/**
 * Compiles `{"<ref>": text}`: the value of a JMESPath expression over the data. What it finds is not evaluated again.
 * Anything but a string yields undefined. Source: scenario-language §6.
 */
export function compileReference(text: unknown, options: ExpressionOptions): CompiledValue {
  if (typeof text !== 'string') return { ...constant(undefined), constant: false };
  const fail = (cause: unknown): DataFunctionError => failure(text, cause, options);
  let expression: CompiledExpression;
  try {
    expression = compileExpression(text, options);
  } catch (error) {
    return failing(fail(error));
  }
  const evaluate = (data: unknown): unknown => {
    try {
      return expression.evaluate(data);
    } catch (error) {
      throw fail(error);
    }
  };
  const problems = expression.problems.map((problem) => fail(new Error(problem)));
  return { constant: false, reads: expression.reads, problems, evaluate };
}

/** An expression beyond the limit is cut short: the message must not be as large as what it refuses. */
function failure(text: string, cause: unknown, options: ExpressionOptions): DataFunctionError {
  const { expressionLength } = options.limits ?? DEFAULT_LIMITS;
  const shown = text.length > expressionLength ? `${text.slice(0, 100)}…` : text;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataFunctionError(text, `Failed to evaluate JMESPath expression: ${shown}. ${reason}`, { cause });
}
