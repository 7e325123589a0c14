import { declared, tagsProblem, type CompiledScenario } from '@handover/scenario';

import { isObject } from '../json.js';
import type { Actor, Process } from '../process.js';
import type { Draft } from '../turn.js';
import { describeViolations } from './violations.js';

/**
 * What makes a process invalid after the updates of a step, in the reference's order and words (process-semantics §3.2).
 * @param before the process before the step: its tags may be as its scenario has them, what updates make of them is bounded.
 */
export function processErrors(scenario: CompiledScenario, before: Process, draft: Draft): string[] {
  const errors: string[] = [];
  if (typeof draft.title !== 'string') errors.push('Title is invalid: must be a string');
  const tags = draft.tags === before.tags && isTagList(draft.tags) ? undefined : tagsProblem(draft.tags);
  if (tags !== undefined) errors.push(`Tags are invalid: ${tags}`);
  for (const [key, actor] of Object.entries(draft.actors)) errors.push(...actorErrors(scenario, key, actor));
  for (const { key, isWildcard } of scenario.actors.values()) {
    if (!isWildcard && (!Object.hasOwn(draft.actors, key) || draft.actors[key] == null)) {
      errors.push(`Actor '${key}' is missing`);
    }
  }
  for (const [key, value] of Object.entries(draft.vars)) errors.push(...variableErrors(scenario, key, value));
  errors.push(...resultErrors(scenario, draft.result));
  return errors;
}

function actorErrors(scenario: CompiledScenario, key: string, actor: Actor): string[] {
  const declaration = declared(scenario.actors, key);
  if (!declaration) return [`Actor '${key}' is not defined in the scenario`];
  const violations = declaration.schema.validate(actor);
  const errors = violations.length > 0 ? [`Actor '${key}' is invalid: ${describeViolations(violations)}`] : [];
  if (declaration.role !== undefined && !hasRole(actor, declaration.role)) {
    errors.push(`Role of actor '${key}' must not be changed`);
  }
  return errors;
}

/** Roles are sets: order does not matter, and a single one may stand without a list. */
function hasRole(actor: Actor, fixed: string | readonly string[]): boolean {
  const role = isObject(actor) ? actor.role : undefined;
  if (role === fixed) return true;
  const sorted = (roles: unknown) => JSON.stringify([roles].flat().sort());
  return sorted(role) === sorted(fixed);
}

function variableErrors(scenario: CompiledScenario, key: string, value: unknown): string[] {
  const schema = declared(scenario.vars, key);
  if (!schema) return [`Variable '${key}' is not defined in the scenario`];
  const violations = schema.validate(value);
  return violations.length > 0 ? [`Variable '${key}' is invalid: ${describeViolations(violations)}`] : [];
}

/** A process without a result yet has null, which is always valid. */
function resultErrors(scenario: CompiledScenario, result: unknown): string[] {
  if (result == null) return [];
  const violations = scenario.result.validate(result);
  return violations.length > 0 ? [`Result is invalid: ${describeViolations(violations)}`] : [];
}

const isTagList = (tags: unknown): boolean => Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
