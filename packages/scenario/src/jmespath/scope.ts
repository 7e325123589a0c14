import type { Budget } from '../budget.js';

/** What an expression sees beside `@` while it is evaluated: the root document, the budget, the variables. */
export interface Scope {
  readonly root: unknown;
  readonly budget: Budget;
  /** Values of the variables the innermost `let` binds. */
  readonly values: readonly unknown[];
  readonly outer: Scope | null;
}

/** A node of the syntax tree, compiled: gives its value for a value of `@`. Never undefined. */
export type Evaluate = (current: unknown, scope: Scope) => unknown;

/** The variables in scope, known when compiling. */
export interface Names {
  readonly names: readonly string[];
  readonly outer: Names | null;
}

/** @returns How to look a variable up: so many scopes out, at that place; undefined when it is not bound. */
export function locate(name: string, names: Names | null): { hops: number; index: number } | undefined {
  for (let [hops, level] = [0, names]; level; hops++, level = level.outer) {
    const index = level.names.lastIndexOf(name);
    if (index >= 0) return { hops, index };
  }
  return undefined;
}
