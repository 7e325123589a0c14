import { isActionEvent, isInstantiateEvent, isMigrationEvent, type ProcessEvent } from '@handover/process';
import { isTimeoutTransition, namesActor, type NormalizedScenario, type Transition } from '@handover/scenario';

import { causeOf, edgeId, transitionsOf } from './graph.js';

/** Where a process is, and what it did to get there. */
export interface Progress {
  /** Key of the state it is in. */
  readonly current: string;
  /** Its events, oldest first; without them only the current state is known. */
  readonly events?: readonly ProcessEvent[];
}

export interface WayTaken {
  /** States it certainly was in. */
  readonly states: ReadonlySet<string>;
  /** Arrows it certainly took, by `edgeId`. */
  readonly edges: ReadonlySet<string>;
}

/** One event's way from a state at rest to the next one: its transition and the automatic ones behind it. */
interface Move {
  readonly from: string;
  readonly to: string;
  readonly edges: readonly string[];
}

/**
 * The way a process took, as far as its events tell. No condition is evaluated: all ways that the events allow are followed
 * forwards from the start and backwards from the current state, and what they have in common is certain. Where two ways
 * explain the same events, nothing is claimed. Linear in the number of events.
 */
export function wayTaken(scenario: NormalizedScenario, { current, events = [] }: Progress): WayTaken {
  const migrated = events.findLastIndex(isMigrationEvent);
  const moving = events.slice(migrated + 1).filter((event) => !isRefused(event));
  const isWhole = migrated === -1 && moving[0] !== undefined && isInstantiateEvent(moving[0]);
  const layers: Move[][] = [];
  // What came before a migration ran on another scenario: then any state may have been the first.
  let places = new Set(isWhole ? ['initial'] : Object.keys(scenario.states));
  for (const event of moving) {
    const moves = [...places].flatMap((from) => movesBy(scenario, from, event));
    layers.push(moves);
    places = new Set(moves.map(({ to }) => to));
  }

  const states = new Set([current]);
  const edges = new Set<string>();
  let ends = new Set([current]);
  for (const moves of layers.reverse()) {
    const possible = moves.filter(({ to }) => ends.has(to));
    const [first, ...others] = possible;
    if (!first) break;
    for (const edge of first.edges) if (others.every((other) => other.edges.includes(edge))) edges.add(edge);
    ends = new Set(possible.map(({ from }) => from));
    if (ends.size === 1) states.add(first.from);
  }
  for (const edge of edges) {
    const [from, to] = JSON.parse(edge) as [string, string];
    states.add(from).add(to);
  }
  return { states, edges };
}

const isRefused = (event: ProcessEvent): boolean => isActionEvent(event) && event.skipped;

function movesBy(scenario: NormalizedScenario, from: string, event: ProcessEvent): Move[] {
  if (isInstantiateEvent(event)) return restingPlaces(scenario, from, []);
  return ways(scenario, from)
    .filter((transition) => isBy(transition, event))
    .flatMap((transition) => {
      const edge = edgeId(from, transition.goto ?? from, causeOf(transition));
      return transition.goto === null
        ? [{ from, to: from, edges: [edge] }]
        : restingPlaces(scenario, transition.goto, [edge]).map((move) => ({ ...move, from }));
    });
}

function isBy(transition: Transition, event: ProcessEvent): boolean {
  if (!isActionEvent(event)) return isTimeoutTransition(transition);
  return (
    !isTimeoutTransition(transition) && transition.on === event.action && namesActor(transition.by, event.actor.key)
  );
}

const isAutomatic = (transition: Transition): boolean => causeOf(transition) === 'automatic';

/** Where a process may come to rest that enters a state: there, or behind automatic transitions, by the shortest way. */
function restingPlaces(scenario: NormalizedScenario, entered: string, edges: readonly string[]): Move[] {
  const found = new Map<string, Move>([[entered, { from: entered, to: entered, edges }]]);
  for (const [key, move] of found) {
    for (const { goto } of ways(scenario, key).filter(isAutomatic)) {
      if (goto === null || found.has(goto)) continue;
      found.set(goto, { from: entered, to: goto, edges: [...move.edges, edgeId(key, goto, 'automatic')] });
    }
  }
  return [...found.values()].filter(({ to }) => isResting(scenario, to));
}

/** A state with an automatic transition without condition is left as soon as it is entered. */
const isResting = (scenario: NormalizedScenario, key: string): boolean =>
  !ways(scenario, key).some(
    (transition) => isAutomatic(transition) && transition.goto !== null && transition.if === true,
  );

function ways(scenario: NormalizedScenario, key: string): readonly Transition[] {
  const state = Object.hasOwn(scenario.states, key) ? scenario.states[key] : undefined;
  return state ? transitionsOf(state) : [];
}
