import { Budget } from '../budget.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { Compiler } from './compile.js';
import { BUILT_IN } from './functions/index.js';
import { measureJson } from './json-size.js';
import { parse } from './parser/parse.js';
import { readsOf } from './reads.js';
import type { FunctionRegistry } from './registry.js';
import type { Evaluate } from './scope.js';
import { children, type Node } from './syntax.js';

export interface ExpressionOptions {
  /** Functions beside the built-in ones. A name that is taken is an error. */
  readonly functions?: FunctionRegistry;
  /** Bounds on the expression and on each evaluation. */
  readonly limits?: Limits;
}

/** An expression parsed once, to be evaluated many times. Immutable: share it freely. */
export interface CompiledExpression {
  /** The expression as written. */
  readonly text: string;
  /**
   * The members of the root document the expression may read; `*` among them when it may read the whole document, or
   * enumerate its members.
   */
  readonly reads: ReadonlySet<string>;
  /**
   * What an evaluation fails at wherever it gets there: unknown functions, wrong numbers of arguments, undefined
   * variables. Empty for a sound expression. Not raised when compiling, because the reference accepts them in branches
   * that are never taken.
   */
  readonly problems: readonly string[];
  /**
   * Evaluates the expression. The data is not changed; the result may share parts with it and with the expression, so
   * treat all three as frozen.
   *
   * @param data A JSON document. Missing members and undefined count as null.
   * @returns JSON data.
   * @throws {ExpressionError} (or what a function throws) with the reference's message.
   * @throws {LimitExceeded} when the evaluation takes too many steps or its result is too large.
   */
  evaluate(data: unknown): unknown;
}

/**
 * Parses a JMESPath expression in the dialect of jmespath.md.
 *
 * @throws {ExpressionSyntaxError} when it does not follow the grammar.
 * @throws {LimitExceeded} when it is too long or nested too deeply.
 * @throws {Error} `Function already defined: name()` when a given function has the name of a built-in one.
 */
export function compileExpression(text: string, options: ExpressionOptions = {}): CompiledExpression {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const tree = parse(text, limits);
  const compiler = new Compiler(withBuiltIn(options.functions));
  const evaluate = compiler.compile(tree, null);
  const builds = buildsData(tree);
  return {
    text,
    reads: readsOf(tree),
    problems: compiler.problems,
    evaluate: (data) => run(evaluate, data, limits, builds),
  };
}

function run(evaluate: Evaluate, data: unknown, limits: Limits, builds: boolean): unknown {
  const root = data ?? null;
  const result = evaluate(root, { root, budget: new Budget(limits), values: [], outer: null });
  if (builds) measureJson(result, limits);
  return result;
}

/** What makes new data: only results of these can be larger than the document, and have to be measured. */
const BUILDERS: ReadonlySet<Node['kind']> = new Set([
  'list',
  'hash',
  'call',
  'elements',
  'flatten',
  'filter',
  'values',
  'slice',
  'reference',
]);

function buildsData(tree: Node): boolean {
  return BUILDERS.has(tree.kind) || children(tree).some(buildsData);
}

function withBuiltIn(functions: FunctionRegistry | undefined): FunctionRegistry {
  if (!functions || functions.size === 0) return BUILT_IN;
  for (const name of functions.keys()) {
    if (BUILT_IN.has(name)) throw new Error(`Function already defined: ${name}()`);
  }
  return new Map([...BUILT_IN, ...functions]);
}
