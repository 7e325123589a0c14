import { declared, wildcardOf, type CompiledActor, type CompiledScenario } from '@handover/scenario';

import { ProcessError } from '../error.js';
import { isObject, own } from '../json.js';
import type { Actor } from '../process.js';
import { describeViolations } from '../rules/violations.js';

/** What is known beforehand about the actors of a process, by key: an id, a role, any property of the actor's schema. */
export type SuppliedActors = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The actors a process starts with: those the scenario declares one by one, and those supplied (process-semantics §2.2).
 *
 * @throws ProcessError when a supplied actor is not declared, or has properties its schema does not allow. What it lacks
 * may still come with the first actions.
 */
export function createActors(scenario: CompiledScenario, supplied: SuppliedActors): Record<string, Actor> {
  const fixed = [...scenario.actors.values()].filter(({ isWildcard }) => !isWildcard).map(({ key }) => key);
  const keys = new Set([...fixed, ...Object.keys(supplied)]);
  return Object.fromEntries([...keys].map((key) => [key, createActor(scenario, key, own(supplied, key))]));
}

function createActor(scenario: CompiledScenario, key: string, supplied: unknown): Actor {
  const declaration = declared(scenario.actors, key);
  if (!declaration || key.endsWith('*')) {
    throw new ProcessError('not-in-scenario', `Actor '${key}' not found in scenario`);
  }
  const actor = completeActor(declaration, key, supplied);
  if (supplied !== undefined) {
    const violations = declaration.schema.validate(actor).filter(({ keyword }) => keyword !== 'required');
    if (violations.length > 0) {
      throw new ProcessError('invalid-value', `Actor '${key}' is invalid: ${describeViolations(violations)}`);
    }
  }
  return actor;
}

/** @returns an actor with the title and defaults its declaration gives, what is known of it, and its fixed role. */
export function completeActor(declaration: CompiledActor, key: string, known: unknown): Actor {
  const { defaultValue } = declaration.schema;
  return {
    title: titleOf(declaration, key),
    ...(isObject(defaultValue) && defaultValue),
    ...(isObject(known) && known),
    ...(declaration.role !== undefined && { role: declaration.role }),
  };
}

/** `client_*` titled `Client` makes `client_1` a `Client 1`. */
function titleOf({ title, isWildcard }: CompiledActor, key: string): string {
  if (!title) return key.replace('_', ' ');
  return isWildcard ? `${title} ${key.slice(wildcardOf(key).length - 1)}` : title;
}
