import { isActiveState, isTimeoutTransition, type NormalizedScenario } from '../normalize/index.js';
import { pointer } from '../yaml/safe-document.js';
import { finding, type Finding } from './finding.js';

/** Which states a state leads to without anybody doing anything. */
type Hops = ReadonlyMap<string, readonly string[]>;

/**
 * Rings of automatic transitions (decision 7). A process that enters one does not come to rest.
 * @returns `certain` for rings without a condition, `possible` for those that conditions may break.
 */
export function automaticRings({ states }: Pick<NormalizedScenario, 'states'>): {
  certain: Finding[];
  possible: Finding[];
} {
  const possible = new Map<string, string[]>();
  const certain = new Map<string, string[]>();
  for (const [key, state] of Object.entries(states)) {
    const hops = isActiveState(state) ? state.transitions.filter((t) => !isTimeoutTransition(t) && t.on === null) : [];
    const open = hops.filter((transition) => transition.if !== false);
    possible.set(
      key,
      open.flatMap(({ goto }) => goto ?? []),
    );
    const [first] = open;
    certain.set(key, first?.if === true && first.goto !== null ? [first.goto] : []);
  }
  const inCertain = statesInRings(certain);
  const isCertain = new Set(inCertain);
  return {
    certain: inCertain.map((key) => ring(key, `Automatic transitions do not come to rest in state '${key}'`)),
    possible: statesInRings(possible)
      .filter((key) => !isCertain.has(key))
      .map((key) => ring(key, `Automatic transitions may not come to rest in state '${key}'`)),
  };
}

const ring = (key: string, message: string): Finding => finding(pointer(['states', key]), message);

/**
 * States that lead back to themselves: what is left when those that lead nowhere, and those nothing leads to, are taken
 * away until there are none. A state on the way from one ring to another is left as well; it does not rest either.
 */
function statesInRings(hops: Hops): string[] {
  const inRings = withoutDeadEnds(reverse(withoutDeadEnds(hops)));
  return [...hops.keys()].filter((key) => inRings.has(key));
}

/** @returns the hops between states from which one can go on for ever. */
function withoutDeadEnds(hops: Hops): Hops {
  const sources = reverse(hops);
  const waysLeft = new Map([...hops].map(([key, targets]) => [key, targets.length]));
  const deadEnds = [...new Set([...hops.keys(), ...sources.keys()])].filter((key) => !waysLeft.get(key));
  const removed = new Set(deadEnds);
  for (let key = deadEnds.pop(); key !== undefined; key = deadEnds.pop()) {
    for (const source of sources.get(key) ?? []) {
      const left = (waysLeft.get(source) ?? 0) - 1;
      waysLeft.set(source, left);
      if (left > 0 || removed.has(source)) continue;
      removed.add(source);
      deadEnds.push(source);
    }
  }
  const kept = [...hops].filter(([key]) => !removed.has(key));
  return new Map(kept.map(([key, targets]) => [key, targets.filter((target) => !removed.has(target))]));
}

function reverse(hops: Hops): Hops {
  const reversed = new Map<string, string[]>();
  for (const [source, targets] of hops) {
    for (const target of targets) {
      const sources = reversed.get(target);
      if (sources) sources.push(source);
      else reversed.set(target, [source]);
    }
  }
  return reversed;
}
