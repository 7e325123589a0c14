import type { Compiler } from './compile.js';
import type { Evaluate, Names } from './scope.js';
import { arityProblem, checkTypes } from './signature.js';
import type { Node } from './syntax.js';

/** Compiles a function call: the function is looked up and its number of arguments checked here, once. */
export function compileCall(name: string, nodes: readonly Node[], compiler: Compiler, names: Names | null): Evaluate {
  const args = nodes.map((node) => compiler.compile(node, names));
  const definition = compiler.functions.get(name);
  if (!definition) return afterArguments(args, compiler.fail(`Unknown function: ${name}()`));
  const problem = arityProblem(name, definition, args.length);
  if (problem !== undefined) return afterArguments(args, compiler.fail(problem));

  return (current, scope) => {
    const { budget } = scope;
    budget.charge(1);
    const values = args.map((arg) => arg(current, scope));
    checkTypes(name, definition, values, budget);
    return definition.call(values, budget) ?? null;
  };
}

/** An error in an argument comes before one of the call, as in the reference. */
function afterArguments(args: readonly Evaluate[], fail: () => never): Evaluate {
  return (current, scope) => {
    for (const arg of args) arg(current, scope);
    return fail();
  };
}
