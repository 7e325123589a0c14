import { isService, type CompiledAction, type CompiledScenario, type CompiledState } from '@handover/scenario';

import { rolesOf } from '../actors/user.js';
import { isObject, own } from '../json.js';
import type { Actor } from '../process.js';
import { actorsOfAction } from '../states/action.js';
import type { Draft } from '../turn.js';
import { describeViolation } from './violations.js';

/** Who the caller says they are. Nothing is checked for a caller who says nothing. */
export interface Identity {
  readonly id?: string | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
}

/** What a step is about, for the rules that decide on it. */
export interface Attempt {
  readonly scenario: CompiledScenario;
  readonly state: CompiledState;
  /** Name of the action. */
  readonly name: string;
  /** What the name means here; undefined when the scenario has no such action. */
  readonly action: CompiledAction | undefined;
  /** Key of the actor, or `service:NAME`. */
  readonly actor: string;
  readonly identity: Identity;
  readonly response: unknown;
  readonly predicting: boolean;
}

/** Why an action must not be carried out: all reasons, in the reference's order and words (process-semantics §3.1). */
export function stepErrors(attempt: Attempt, draft: Draft): string[] {
  const { state, name, action, actor } = attempt;
  const errors: string[] = [];
  if (!state.onAction.has(name)) {
    errors.push(`Action '${name}' is not allowed in state '${state.key}'`);
  }
  const performer = own(draft.actors, actor);
  if (performer) {
    errors.push(...identityErrors(actor, performer, attempt.identity));
  } else if (!isService(actor)) {
    errors.push(`Actor '${actor}' is not defined in the scenario`);
  }
  if (action) {
    if (action.contentMayFail) action.content.evaluate(draft);
    const references = action.actors.evaluate(draft);
    if (performer || isService(actor)) errors.push(...permissionErrors(attempt, references, draft));
    if (!action.condition.evaluate(draft)) errors.push(`Action '${name}' is not allowed due to if condition`);
    if (!attempt.predicting) errors.push(...responseErrors(attempt, action.response.evaluate(draft)));
  }
  return errors;
}

function identityErrors(key: string, actor: Actor, { id, roles }: Identity): string[] {
  if (id == null && roles == null) return [];
  const { id: assignedId, role } = actor;
  const assignedRoles = rolesOf(role);
  if (!assignedId && assignedRoles.length === 0) return [`Actor '${key}' is not assigned to a user or role`];
  const matches = assignedId ? assignedId === id : assignedRoles.some((one) => roles?.includes(one));
  return matches ? [] : [`User is not allowed to perform as actor '${key}'`];
}

/** A service that a transition names may do what is for everyone (REC of rule 4); otherwise `by` plays no part here. */
function permissionErrors({ state, name, actor }: Attempt, references: unknown, draft: Draft): string[] {
  const { by = [] } = state.onAction.get(name) ?? {};
  if (actorsOfAction(references, draft, by).includes(actor)) return [];
  const [, service = ''] = actor.split(':');
  const who = isService(actor) ? `Service '${service}'` : `Actor '${actor}'`;
  return [`${who} is not allowed to perform action '${name}'`];
}

function responseErrors({ scenario, response }: Attempt, schema: unknown): string[] {
  if (!isObject(schema) || Object.keys(schema).length === 0) return [];
  const violations = scenario.schemaOf(schema).validate(response);
  return violations.map((violation) => `Response is invalid: ${describeViolation(violation)}`);
}
