import type { World } from '../world.js';

/** What a step does or expects. Its arguments are what the expression found, then what stands below the step. */
export type Deed = (world: World, ...found: never[]) => void | Promise<void>;

/** A form of a step, as a Cucumber expression, and what it means. */
export type StepDefinition = readonly [expression: string, deed: Deed];

/** A deed in a process, the first of its arguments. */
type InProcess = (world: World, process: string, ...found: never[]) => void | Promise<void>;

/**
 * The two forms of a step that may name its process or not: `variable {string} [in] is {scalar}` is about the main process, or
 * about the one of `variable {string} in {process} is {scalar}`.
 */
export function either(expression: string, deed: InProcess): StepDefinition[] {
  const [, preposition = ''] = / \[(\w+)\]/.exec(expression) ?? [];
  const marker = ` [${preposition}]`;
  const position = expression.slice(0, expression.indexOf(marker)).split('{').length - 1;
  const run = deed as (world: World, process: unknown, ...found: unknown[]) => void | Promise<void>;
  const named = (world: World, ...found: unknown[]) =>
    run(world, found[position], ...found.slice(0, position), ...found.slice(position + 1));
  return [
    [expression.replace(marker, ''), (world: World, ...found: unknown[]) => run(world, 'main', ...found)],
    [expression.replace(marker, ` ${preposition} {process}`), named],
  ];
}
