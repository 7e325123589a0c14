import type { ExpressionReference } from './reference.js';
import type { ArgumentType, Parameter } from './registry.js';
import type { JsonObject } from './values.js';

const parameter = <T>(...types: readonly ArgumentType[]): Parameter<T> => ({ types, optional: false });

/* Parameters by what they accept. Combine them with `either` and `optional`. */

export const any = parameter<unknown>('any');
export const number = parameter<number>('number');
export const string = parameter<string>('string');
export const object = parameter<JsonObject>('object');
export const array = parameter<readonly unknown[]>('array');
export const numbers = parameter<readonly number[]>('Array<number>');
export const strings = parameter<readonly string[]>('Array<string>');
export const arrays = parameter<readonly (readonly unknown[])[]>('Array<Array<any>>');
export const expression = parameter<ExpressionReference>('expression');

/** A parameter that accepts what either of two accepts. */
export function either<A, B>(first: Parameter<A>, second: Parameter<B>): Parameter<A | B> {
  return parameter<A | B>(...first.types, ...second.types);
}

/** A parameter that may be left out. */
export function optional<T>(given: Parameter<T>): Parameter<T | undefined> {
  return { types: given.types, optional: true };
}
