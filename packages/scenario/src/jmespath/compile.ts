import { applySign, calculate, compare } from './arithmetic.js';
import { compileCall } from './call.js';
import { ExpressionError } from './error.js';
import { compileProjection } from './projection.js';
import { ExpressionReference } from './reference.js';
import type { FunctionRegistry } from './registry.js';
import { locate, type Evaluate, type Names, type Scope } from './scope.js';
import { sizeOf, type Entry, type Node } from './syntax.js';
import { isObject, isTrue, ownMember, setOwnMember } from './values.js';

/** Turns a syntax tree into closures: evaluating interprets nothing and looks no name up but those in the data. */
export class Compiler {
  readonly functions: FunctionRegistry;
  /** What evaluation fails at wherever it gets there; see `CompiledExpression.problems`. */
  readonly problems: string[] = [];

  constructor(functions: FunctionRegistry) {
    this.functions = functions;
  }

  compile(node: Node, names: Names | null): Evaluate {
    switch (node.kind) {
      case 'literal':
        return () => node.value;
      case 'current':
        return (current) => current;
      case 'root':
        return (_, scope) => scope.root;
      case 'field':
        return field(node.name);
      case 'variable':
        return this.#variable(node.name, names);
      case 'member':
        return this.#member(node.source, node.then, names);
      case 'pipe':
        return chain(this.compile(node.source, names), this.compile(node.then, names));
      case 'index':
        return index(this.compile(node.source, names), node.index);
      case 'slice':
      case 'elements':
      case 'flatten':
      case 'values':
      case 'filter':
        return compileProjection(node, (part) => this.compile(part, names));
      case 'call':
        return compileCall(node.name, node.args, this, names);
      case 'reference':
        return this.#reference(node.body, names);
      case 'list':
        return list(node.items.map((item) => this.compile(item, names)));
      case 'hash':
        return this.#hash(node.entries, names);
      case 'let':
        return this.#let(node.bindings, node.body, names);
      case 'not':
      case 'sign':
      case 'and':
      case 'or':
      case 'arithmetic':
      case 'comparison':
      case 'conditional':
        return this.#operator(node, names);
    }
  }

  /** Reports a problem, and compiles to raising it. */
  fail(message: string): () => never {
    this.problems.push(message);
    return () => {
      throw new ExpressionError(message);
    };
  }

  #operator(node: OperatorNode, names: Names | null): Evaluate {
    const part = (operand: Node): Evaluate => this.compile(operand, names);
    switch (node.kind) {
      case 'not':
        return not(part(node.operand));
      case 'sign': {
        const operand = part(node.operand);
        return (current, scope) => applySign(node.operator, operand(current, scope));
      }
      case 'and':
      case 'or':
        return junction(part(node.left), part(node.right), node.kind === 'or');
      case 'arithmetic': {
        const [left, right] = [part(node.left), part(node.right)];
        return (current, scope) => calculate(node.operator, left(current, scope), right(current, scope));
      }
      case 'comparison': {
        const [left, right] = [part(node.left), part(node.right)];
        return (current, scope) => compare(node.operator, left(current, scope), right(current, scope), scope.budget);
      }
      case 'conditional': {
        const [condition, yes, no] = [part(node.condition), part(node.yes), part(node.no)];
        return (current, scope) => (isTrue(condition(current, scope)) ? yes : no)(current, scope);
      }
    }
  }

  #variable(name: string, names: Names | null): Evaluate {
    const place = locate(name, names);
    if (!place) return this.fail(`Error referencing undefined variable ${name}`);
    const { hops, index: position } = place;
    return (_, scope) => {
      let level: Scope | null = scope;
      for (let hop = 0; hop < hops; hop++) level = level?.outer ?? null;
      return level?.values[position] ?? null;
    };
  }

  #member(source: Node, then: Node, names: Names | null): Evaluate {
    const path = pathOf(source);
    if (path && then.kind === 'field') return fields([...path, then.name]);
    const [first, second] = [this.compile(source, names), this.compile(then, names)];
    return (current, scope) => {
      const value = first(current, scope);
      return value === null ? null : second(value, scope);
    };
  }

  #reference(body: Node, names: Names | null): Evaluate {
    const evaluate = this.compile(body, names);
    const cost = sizeOf(body);
    return (_, scope) => new ExpressionReference((current) => evaluate(current, scope), cost);
  }

  #hash(entries: readonly Entry[], names: Names | null): Evaluate {
    const members = entries.map(({ name, value }) => [name, this.compile(value, names)] as const);
    return (current, scope) => {
      const result: Record<string, unknown> = {};
      for (const [name, evaluate] of members) setOwnMember(result, name, evaluate(current, scope));
      return result;
    };
  }

  /** All values are evaluated in the outer scope: bindings of one `let` do not see each other. */
  #let(bindings: readonly Entry[], body: Node, names: Names | null): Evaluate {
    const values = bindings.map(({ value }) => this.compile(value, names));
    const evaluate = this.compile(body, { names: bindings.map(({ name }) => name), outer: names });
    return (current, scope) => {
      const inner = {
        root: scope.root,
        budget: scope.budget,
        values: values.map((value) => value(current, scope)),
        outer: scope,
      };
      return evaluate(current, inner);
    };
  }
}

type OperatorNode = Extract<
  Node,
  { kind: 'not' | 'sign' | 'and' | 'or' | 'arithmetic' | 'comparison' | 'conditional' }
>;

/** @returns The names of a chain of fields, `a.b.c`, or undefined when the node is something else. */
function pathOf(node: Node): string[] | undefined {
  if (node.kind === 'field') return [node.name];
  if (node.kind !== 'member' || node.then.kind !== 'field') return undefined;
  return pathOf(node.source)?.concat(node.then.name);
}

function field(name: string): Evaluate {
  return (current) => (isObject(current) ? ownMember(current, name) : null);
}

/** A chain of fields in one go: by far the most frequent expression of all. */
function fields(path: readonly string[]): Evaluate {
  return (current) => {
    let value = current;
    for (const name of path) {
      if (!isObject(value)) return null;
      value = ownMember(value, name);
    }
    return value;
  };
}

function chain(source: Evaluate, then: Evaluate): Evaluate {
  return (current, scope) => then(source(current, scope), scope);
}

function index(source: Evaluate, position: number): Evaluate {
  return (current, scope) => {
    const value = source(current, scope);
    return Array.isArray(value) ? ((value.at(position) as unknown) ?? null) : null;
  };
}

function not(operand: Evaluate): Evaluate {
  return (current, scope) => !isTrue(operand(current, scope));
}

/** `&&` and `||`: the left operand when it settles the matter, else the right one. */
function junction(left: Evaluate, right: Evaluate, settledBy: boolean): Evaluate {
  return (current, scope) => {
    const value = left(current, scope);
    return isTrue(value) === settledBy ? value : right(current, scope);
  };
}

function list(items: readonly Evaluate[]): Evaluate {
  return (current, scope) => items.map((item) => item(current, scope));
}
