import { namesActor, type CompiledState, type CompiledTransition } from '@handover/scenario';

import type { Draft } from '../turn.js';

/** A transition that is taken: its condition held, its target is known. */
export interface Taken {
  readonly transition: CompiledTransition;
  /** State to enter; null stays. */
  readonly goto: string | null;
  /** The time of an absolute timeout, as its expression gave it. */
  readonly at?: unknown;
}

/** @returns whether a transition's condition holds now. */
export const isTaken = (transition: CompiledTransition, draft: Draft): boolean =>
  Boolean((transition.content.evaluate(draft) as { readonly if?: unknown }).if);

/** @returns the transition if its condition holds now. */
export function takeIf(transition: CompiledTransition, draft: Draft): Taken | undefined {
  const content = transition.content.evaluate(draft) as { if?: unknown; goto?: string | null; at?: unknown };
  if (!content.if) return undefined;
  const taken = { transition, goto: content.goto ?? null };
  return transition.isAbsolute ? { ...taken, at: content.at } : taken;
}

/** @returns the first of the transitions whose condition holds now. */
export function firstTaken(transitions: readonly CompiledTransition[], draft: Draft): Taken | undefined {
  for (const transition of transitions) {
    const taken = takeIf(transition, draft);
    if (taken) return taken;
  }
  return undefined;
}

/** The transition an actor takes by an action (process-semantics §4.1), decided after the updates. */
export function chooseTransition(state: CompiledState, action: string, actor: string, draft: Draft): Taken | undefined {
  const candidates = state.onAction.get(action)?.transitions.filter(({ by }) => namesActor(by, actor)) ?? [];
  return firstTaken(candidates, draft);
}
