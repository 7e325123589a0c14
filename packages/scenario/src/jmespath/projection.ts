import type { Evaluate, Scope } from './scope.js';
import { slice } from './slice.js';
import { sizeOf, type Node } from './syntax.js';
import { isObject, isTrue } from './values.js';

type ProjectionNode = Extract<Node, { kind: 'slice' | 'elements' | 'flatten' | 'values' | 'filter' }>;

/**
 * Compiles a projection: `then` is evaluated for each element of the source, and the results that are not null are
 * collected. The source being of the wrong type gives null.
 *
 * @param compile Compiles the parts of the node.
 */
export function compileProjection(node: ProjectionNode, compile: (part: Node) => Evaluate): Evaluate {
  const source = compile(node.source);
  const collect = collector(node.then, compile);
  switch (node.kind) {
    case 'elements':
      return projection(source, asArray, collect);
    case 'flatten':
      return projection(source, flattened, collect);
    case 'values':
      return projection(source, (value) => (isObject(value) ? Object.values(value) : null), collect);
    case 'filter':
      return projection(source, kept(compile(node.condition), sizeOf(node.condition)), collect);
    case 'slice':
      return sliced(source, node.bounds, collect, compile(node.then));
  }
}

/** Gives the elements of a projection's source; null when it is of the wrong type. */
type Elements = (value: unknown, scope: Scope) => readonly unknown[] | null;
type Collect = (elements: readonly unknown[], scope: Scope) => unknown[];

function projection(source: Evaluate, elements: Elements, collect: Collect): Evaluate {
  return (current, scope) => {
    const found = elements(source(current, scope), scope);
    return found && collect(found, scope);
  };
}

/** Evaluates `then` for each element; elements give themselves when nothing follows the projection. */
function collector(node: Node, compile: (part: Node) => Evaluate): Collect {
  const then = node.kind === 'current' ? undefined : compile(node);
  const cost = sizeOf(node);
  return (elements, scope) => {
    scope.budget.charge(elements.length * cost);
    const results: unknown[] = [];
    for (const element of elements) {
      const result = then ? then(element ?? null, scope) : element;
      if (result !== null && result !== undefined) results.push(result);
    }
    return results;
  };
}

function asArray(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

/** One level of nesting less; elements that are no arrays stay. */
function flattened(value: unknown, scope: Scope): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  let length = 0;
  for (const element of value) length += Array.isArray(element) ? element.length : 1;
  scope.budget.charge(length);
  return value.flat() as unknown[];
}

function kept(condition: Evaluate, cost: number): Elements {
  return (value, scope) => {
    if (!Array.isArray(value)) return null;
    scope.budget.charge(value.length * cost);
    return (value as unknown[]).filter((element) => isTrue(condition(element ?? null, scope)));
  };
}

/** A slice of a list is a projection; a slice of a string is a string, cut by code points. */
function sliced(
  source: Evaluate,
  bounds: Extract<Node, { kind: 'slice' }>['bounds'],
  collect: Collect,
  then: Evaluate,
): Evaluate {
  return (current, scope) => {
    const value = source(current, scope);
    if (Array.isArray(value)) {
      scope.budget.charge(value.length);
      return collect(slice<unknown>(value, bounds), scope);
    }
    if (typeof value !== 'string') return null;
    scope.budget.charge(value.length / 4);
    return then(slice(Array.from(value), bounds).join(''), scope);
  };
}
