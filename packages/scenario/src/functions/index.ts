export { compileValue, evaluateFunctions } from './compile.js';
export type { CompiledValue } from './compiled-value.js';
export { DataFunctionError } from './error.js';
