import type { Budget } from '../budget.js';
import { LimitExceeded } from '../limits.js';
import { ExpressionReference } from './reference.js';

/** JSON data as an object, with its own members only. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @returns Whether the value is a JSON object: neither null, nor an array, nor an expression. */
export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExpressionReference)
  );
}

/** @returns The object's own member, or null: what an object inherits (`constructor`, `__proto__`) is never seen. */
export function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

/** Sets an own member of a result under construction; `__proto__` becomes a member like any other. */
export function setOwnMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[name] = value;
  }
}

/** @returns The name of the value's type, as error messages print it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return value instanceof ExpressionReference ? 'expression' : typeof value;
}

/** JMESPath's truth: false are null, false and whatever is empty; every number is true. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object') {
    if (value === null) return false;
    if (Array.isArray(value)) return value.length > 0;
    if (value instanceof ExpressionReference) return true;
    for (const key in value) if (Object.hasOwn(value, key)) return true;
    return false;
  }
  return typeof value === 'number' || Boolean(value);
}

/** Deep equality of JSON data, strict about types. Each pair compared counts as a step. */
export function isEqual(left: unknown, right: unknown, budget: Budget, depth = 0): boolean {
  if (left === right || (left == null && right == null)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (depth > budget.limits.documentDepth) {
    throw new LimitExceeded('documentDepth', `Value is nested deeper than ${budget.limits.documentDepth} levels`);
  }
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    budget.charge(left.length);
    return left.every((item, index) => isEqual(item, right[index], budget, depth + 1));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  budget.charge(keys.length);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key], budget, depth + 1));
}
