import type { Budget } from '../budget.js';

/** What a parameter accepts, in the words of error messages. */
export type ArgumentType =
  | 'any'
  | 'number'
  | 'string'
  | 'boolean'
  | 'object'
  | 'array'
  | 'expression'
  | 'Array<number>'
  | 'Array<string>'
  | 'Array<Array<any>>';

/** A parameter of a function whose arguments are, once checked, of type `T`. */
export interface Parameter<T> {
  /** Any one of these is accepted. */
  readonly types: readonly ArgumentType[];
  /** May be left out. Only further optional parameters may follow. */
  readonly optional: boolean;
  /** Carries `T` for the compiler; never set. */
  readonly accepts?: T;
}

/** A function of the language. Pure: the same arguments always give the same result, and are never changed. */
export interface FunctionDefinition {
  readonly parameters: readonly Parameter<unknown>[];
  /** The last parameter takes any number of arguments, at least one. */
  readonly variadic: boolean;
  /**
   * @param args As many as parameters, each checked against its own; one left out is undefined.
   * @param budget The budget: announce work that grows with the size of the arguments.
   * @returns JSON data; undefined counts as null.
   * @throws {Error} whose message becomes the cause in the error of the whole expression.
   */
  readonly call: (args: readonly unknown[], budget: Budget) => unknown;
}

/** Functions by name. */
export type FunctionRegistry = ReadonlyMap<string, FunctionDefinition>;

type Arguments<P extends readonly Parameter<unknown>[]> = {
  [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/**
 * Defines a function with a fixed list of parameters.
 *
 * @example defineFunction([string, optional(number)], ([text, count]) => text.repeat(count ?? 1))
 */
export function defineFunction<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  call: (args: Arguments<P>, budget: Budget) => unknown,
): FunctionDefinition {
  // The arguments are checked against these very parameters before every call.
  return { parameters, variadic: false, call: call as FunctionDefinition['call'] };
}

/** Defines a function that takes one or more arguments of one kind. */
export function defineVariadic<T>(
  each: Parameter<T>,
  call: (args: readonly T[], budget: Budget) => unknown,
): FunctionDefinition {
  return { parameters: [each], variadic: true, call: call as FunctionDefinition['call'] };
}
