export { ExpressionError, ExpressionSyntaxError } from './error.js';
export { compileExpression, type CompiledExpression, type ExpressionOptions } from './expression.js';
export { EVERYTHING } from './reads.js';
export type { ExpressionReference } from './reference.js';
export * as parameters from './parameters.js';
export {
  defineFunction,
  defineVariadic,
  type ArgumentType,
  type FunctionDefinition,
  type FunctionRegistry,
  type Parameter,
} from './registry.js';
export type { Budget } from '../budget.js';
