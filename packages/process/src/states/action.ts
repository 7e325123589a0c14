import { isService, namesActor, wildcardOf, type CompiledAction } from '@handover/scenario';

import { extend } from '../json.js';
import type { AvailableAction } from '../process.js';
import type { Draft } from '../turn.js';

/**
 * Which actors an action is for (process-semantics §2.5): references become keys of actors the process has, and
 * `service:NAME`. What an expression gave that is no reference is left out.
 * @param by the references of the transitions the action takes: `*` also covers the services named there, unless
 * everybody is.
 */
export function actorsOfAction(references: unknown, draft: Draft, by: readonly string[]): string[] {
  const actors: string[] = [];
  collect(references, draft, by, actors);
  return actors;
}

function collect(reference: unknown, draft: Draft, by: readonly string[], actors: string[]): void {
  if (Array.isArray(reference)) {
    for (const one of reference) collect(one, draft, by, actors);
  } else if (typeof reference !== 'string') {
    return;
  } else if (reference === '*') {
    actors.push(...Object.keys(draft.actors));
    if (!by.includes('*')) actors.push(...by.filter(isService));
  } else if (reference.endsWith('*')) {
    actors.push(...Object.keys(draft.actors).filter((key) => wildcardOf(key) === reference));
  } else if (isService(reference) || Object.hasOwn(draft.actors, reference)) {
    actors.push(reference);
  }
}

/**
 * The action as the process offers it in a state, or undefined when its condition does not hold or nobody may do it
 * (process-semantics §2.4 step 4).
 * @param by the references of all transitions it takes whose condition holds.
 */
export function offer(
  action: CompiledAction,
  key: string,
  by: readonly string[],
  draft: Draft,
): AvailableAction | undefined {
  const content = action.content.evaluate(draft) as Omit<AvailableAction, 'key' | 'actor'>;
  const references = action.actors.evaluate(draft);
  if (!action.condition.evaluate(draft)) return undefined;
  const actor = actorsOfAction(references, draft, by).filter((one) => namesActor(by, one));
  return actor.length > 0 ? extend<AvailableAction>(content, { key, actor }) : undefined;
}
