import type { Budget } from '../budget.js';
import { ExpressionError } from './error.js';
import type { ArgumentType, FunctionDefinition } from './registry.js';
import { typeName } from './values.js';

/**
 * Checks how many arguments a call has.
 *
 * @returns The reference's message when there are too few or too many, else undefined.
 */
export function arityProblem(name: string, definition: FunctionDefinition, count: number): string | undefined {
  const { parameters, variadic } = definition;
  const required = parameters.filter((parameter) => !parameter.optional).length;
  const tooFew = count < required;
  if (!tooFew && (variadic || count <= parameters.length)) return undefined;
  const atLeast = tooFew && (variadic || required > 1) ? 'at least ' : '';
  // Optional parameters make the noun plural ("1 arguments"): the wording of the reference.
  const noun = parameters.length > 1 ? 'arguments' : 'argument';
  return `Invalid arity: ${name}() takes ${atLeast}${required} ${noun} but received ${count}`;
}

/**
 * Checks the type of each argument.
 *
 * @throws {ExpressionError} with the reference's message for the first that does not fit.
 */
export function checkTypes(
  name: string,
  definition: FunctionDefinition,
  args: readonly unknown[],
  budget: Budget,
): void {
  for (let index = 0; index < args.length; index++) {
    const types = definition.parameters[Math.min(index, definition.parameters.length - 1)]?.types ?? [];
    if (types.some((type) => matches(args[index], type, budget))) continue;
    throw new ExpressionError(
      `Invalid type: ${name}() expected argument ${index + 1} to be type (${types.join(' | ')}) ` +
        `but received type ${typeName(args[index])} instead.`,
    );
  }
}

function matches(value: unknown, type: ArgumentType, budget: Budget): boolean {
  if (type === 'any') return true;
  const element = ELEMENTS[type];
  if (element === undefined) return typeName(value) === type;
  if (!Array.isArray(value)) return false;
  budget.charge(value.length);
  return value.every((item) => typeName(item) === element);
}

/** For types of lists: the type each of their elements has. */
const ELEMENTS: Partial<Record<ArgumentType, string>> = {
  'Array<number>': 'number',
  'Array<string>': 'string',
  'Array<Array<any>>': 'array',
};
