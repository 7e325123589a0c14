import type { ExpressionOptions } from '../jmespath/index.js';
import { DEFAULT_LIMITS, LimitExceeded } from '../limits.js';
import { composed, constant, type CompiledValue } from './compiled-value.js';
import { compileReference } from './reference.js';
import { compileSelect } from './select.js';
import { compileTemplate } from './template.js';

/**
 * Parses the data functions in a value: `{"<ref>": …}`, `{"<tpl>": …}` and `{"<select>": …}` at any depth. Source:
 * scenario-language §6.
 *
 * A function that cannot be parsed does not fail here but each time it is evaluated, as in the reference; it is among
 * the `problems`.
 *
 * @param value JSON data. It is not copied: do not change it afterwards.
 * @throws {LimitExceeded} when the value is nested deeper than `documentDepth`.
 */
export function compileValue(value: unknown, options: ExpressionOptions = {}): CompiledValue {
  return compileAt(value, options, 0);
}

/** Compiles and evaluates at once: {@link compileValue} for a value that is used a single time. */
export function evaluateFunctions(value: unknown, data: unknown, options: ExpressionOptions = {}): unknown {
  return compileValue(value, options).evaluate(data);
}

function compileAt(value: unknown, options: ExpressionOptions, depth: number): CompiledValue {
  if (typeof value !== 'object' || value === null || value instanceof Date) return constant(value);
  const { documentDepth } = options.limits ?? DEFAULT_LIMITS;
  if (depth > documentDepth) {
    throw new LimitExceeded('documentDepth', `Value is nested deeper than ${documentDepth} levels`);
  }
  const compile = (part: unknown): CompiledValue => compileAt(part, options, depth + 1);
  if (Array.isArray(value)) return compileList(value, compile);
  const members = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(members, '<ref>')) return compileReference(members['<ref>'], options);
  if (Object.hasOwn(members, '<tpl>')) return compileTemplate(members['<tpl>'], options, compile);
  if (Object.hasOwn(members, '<select>')) return compileSelect(members['<select>'], compile);
  return compileMembers(members, compile);
}

function compileList(list: readonly unknown[], compile: (part: unknown) => CompiledValue): CompiledValue {
  const items = list.map(compile);
  if (items.every((item) => item.constant)) return constant(list);
  return composed(items, (data) => items.map((item) => item.evaluate(data)));
}

function compileMembers(
  members: Readonly<Record<string, unknown>>,
  compile: (part: unknown) => CompiledValue,
): CompiledValue {
  const entries = Object.entries(members).map(([key, value]) => [key, compile(value)] as const);
  const parts = entries.map(([, part]) => part);
  if (parts.every((part) => part.constant)) return constant(members);
  return composed(parts, (data) => {
    const evaluated = entries.map(([key, part]) => [key, part.evaluate(data)] as const);
    // Unlike assignment, this makes a member named `__proto__` a member like any other.
    return Object.fromEntries(evaluated.filter(([, value]) => value !== undefined));
  });
}
