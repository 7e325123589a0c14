import { CucumberExpression, ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';
import { Mismatch } from './mismatch.js';
import { given } from './steps/given.js';
import type { StepDefinition } from './steps/step.js';
import { then } from './steps/then.js';
import { when } from './steps/when.js';
import { MAIN, type World } from './world.js';

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 };

/** The kinds of words in steps, beside Cucumber's own (test-suite §1). */
const types = new ParameterTypeRegistry();
const define = (name: string, pattern: RegExp, transform: (...groups: string[]) => unknown): void =>
  types.defineParameterType(new ParameterType(name, pattern, null, transform, false, false));
define('process', /the process|the "([^"]*)" process/, (name?: string) => name ?? MAIN);
define('property', /\w+/, (name) => name);
define('scalar', /true|false|null|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?/, (text) => JSON.parse(text ?? '') as unknown);
define('time', /(\d+) ?(second|minute|hour|day|week)s?/, (count, unit) => Number(count) * (SECONDS[unit ?? ''] ?? 0));

const definitions = [...given, ...when, ...then].map(([expression, deed]: StepDefinition) => ({
  expression: new CucumberExpression(expression, types),
  deed: deed as (world: World, ...found: unknown[]) => void | Promise<void>,
}));

/** Takes a step: what its text means, with what stands below it. @throws Mismatch when it means nothing; as the step does */
export async function take(world: World, text: string, argument: unknown): Promise<void> {
  for (const { expression, deed } of definitions) {
    const found = expression.match(text);
    if (!found) continue;
    const below = argument === undefined ? [] : [argument];
    await deed(world, ...found.map((one) => one.getValue(null)), ...below);
    return;
  }
  throw new Mismatch('there is no such step');
}
