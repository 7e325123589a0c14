import { declared, type CompiledScenario } from '@handover/scenario';

import { ProcessError } from './error.js';
import { describeViolations } from './rules/violations.js';

/**
 * The variables a process starts with: the defaults of those that have one, and the values supplied.
 *
 * @throws ProcessError when a supplied variable is not declared, or its value does not satisfy its schema.
 */
export function createVariables(
  scenario: CompiledScenario,
  supplied: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const [key, value] of Object.entries(supplied)) assertVariable(scenario, key, value);
  const defaults = [...scenario.vars].map(([key, schema]) => [key, schema.defaultValue] as const);
  return { ...Object.fromEntries(defaults.filter(([, value]) => value !== undefined)), ...supplied };
}

function assertVariable(scenario: CompiledScenario, key: string, value: unknown): void {
  const schema = declared(scenario.vars, key);
  if (!schema) throw new ProcessError('not-in-scenario', `Variable '${key}' is not defined in the scenario`);
  const violations = schema.validate(value);
  if (violations.length === 0) return;
  throw new ProcessError('invalid-value', `Variable '${key}' is invalid: ${describeViolations(violations)}`);
}
