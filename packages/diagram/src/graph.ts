import {
  isActiveState,
  isTimeoutTransition,
  type ActionTransition,
  type NormalizedScenario,
  type State,
  type Transition,
} from '@handover/scenario';

import { duration } from './duration.js';

/** What sets a transition off: somebody, time, or the state being entered. */
export type Cause = 'action' | 'timeout' | 'automatic';

/** One transition in words. */
export interface Way {
  /** What happens: `Accept the offer`, `after 10 days`, `automatically`. */
  readonly what: string;
  /** Who may do it; empty when everybody may, or nobody has to. */
  readonly who: string;
  /** The condition as its author wrote it, or that there is one; empty when there is none. */
  readonly condition: string;
}

/** All transitions between two states with the same cause: one arrow. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly cause: Cause;
  readonly ways: readonly Way[];
}

export interface Node {
  readonly key: string;
  /** The author's title where it is a constant, else the key. */
  readonly title: string;
  readonly isEnd: boolean;
  /** Services that are told when the state is entered. */
  readonly notifies: readonly string[];
}

/** A scenario as states and arrows, in the author's order. */
export interface Graph {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** @returns the states and arrows of a scenario; a target that is not declared is a state too. */
export function graphOf(scenario: NormalizedScenario): Graph {
  const edges = new Map<string, { from: string; to: string; cause: Cause; ways: Way[] }>();
  for (const [from, state] of Object.entries(scenario.states)) {
    for (const transition of transitionsOf(state)) {
      const to = transition.goto ?? from;
      const cause = causeOf(transition);
      const id = edgeId(from, to, cause);
      const edge = edges.get(id) ?? { from, to, cause, ways: [] };
      edges.set(id, edge);
      edge.ways.push(wayOf(scenario, from, transition));
    }
  }
  const declared = Object.entries(scenario.states).map(([key, state]) => nodeOf(key, state));
  const known = new Set(Object.keys(scenario.states));
  const missing = new Set([...edges.values()].map(({ to }) => to).filter((key) => !known.has(key)));
  const undeclared = [...missing].map((key): Node => ({ key, title: key, isEnd: true, notifies: [] }));
  return {
    title: scenario.title || (scenario.name ?? ''),
    nodes: [...declared, ...undeclared],
    edges: [...edges.values()],
  };
}

/** Names an arrow within its graph. */
export const edgeId = (from: string, to: string, cause: Cause): string => JSON.stringify([from, to, cause]);

export const transitionsOf = (state: State): readonly Transition[] => (isActiveState(state) ? state.transitions : []);

export function causeOf(transition: Transition): Cause {
  if (isTimeoutTransition(transition)) return 'timeout';
  return transition.on === null ? 'automatic' : 'action';
}

function nodeOf(key: string, state: State): Node {
  const title = typeof state.title === 'string' && state.title.trim() !== '' ? state.title : key;
  const services = state.notify.map(({ service }) => service);
  return { key, title, isEnd: !isActiveState(state), notifies: [...new Set(services)] };
}

function wayOf(scenario: NormalizedScenario, state: string, transition: Transition): Way {
  const condition = conditionOf(transition.if);
  if (isTimeoutTransition(transition)) return { what: timeOf(transition), who: '', condition };
  if (transition.on === null) return { what: condition === '' ? 'automatically' : '', who: '', condition };
  const action = scenario.actions[`${state}.${transition.on}`] ?? scenario.actions[transition.on];
  return { what: action?.title ?? transition.on, who: performers(scenario, transition, action?.actor), condition };
}

function timeOf({ after, at }: { after?: number; at?: unknown }): string {
  if (after !== undefined) return `after ${duration(after)}`;
  return typeof at === 'string' ? `at ${at}` : 'at a time';
}

/** Who the transition is for; where it is for all, who may do the action. */
function performers(scenario: NormalizedScenario, { by }: ActionTransition, actor: unknown): string {
  const narrowed = by.includes('*') ? actor : by;
  if (!Array.isArray(narrowed) || narrowed.includes('*')) return '';
  const references = narrowed.filter((reference): reference is string => typeof reference === 'string');
  // Everybody there is: an implicit action names them all.
  if (references.join() === Object.keys(scenario.actors).join()) return '';
  return references.map((reference) => scenario.actors[reference]?.title ?? reference).join(', ');
}

function conditionOf(condition: unknown): string {
  if (condition === true) return '';
  if (condition === false) return 'never';
  const expression = (condition as { readonly '<ref>'?: unknown })['<ref>'];
  return typeof expression === 'string' ? expression.replaceAll(/\s+/g, ' ').trim() : 'on a condition';
}
