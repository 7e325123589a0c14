import type { NormalizedScenario } from '@handover/scenario';

import { graphOf } from './graph.js';
import { layoutOf, type Layout } from './layout.js';
import { svgOf } from './svg.js';
import { wayTaken, type Progress } from './way-taken.js';

/** What a diagram may have at most: a layout's cost grows faster than its size. */
export const LARGEST = { states: 150, arrows: 400 } as const;

/** A scenario with more states or arrows than a picture can show. */
export class DiagramTooLarge extends Error {
  override readonly name = 'DiagramTooLarge';
}

/**
 * A scenario, laid out: the expensive part, the same for all of its processes.
 * @throws DiagramTooLarge
 */
export function layoutScenario(scenario: NormalizedScenario): Layout {
  const graph = graphOf(scenario);
  const [states, arrows] = [graph.nodes.length, graph.edges.length];
  if (states > LARGEST.states || arrows > LARGEST.arrows) {
    throw new DiagramTooLarge(
      `A diagram has at most ${LARGEST.states} states and ${LARGEST.arrows} arrows, not ${states} and ${arrows}`,
    );
  }
  return layoutOf(graph);
}

/** Draws a layout; with a process's progress it is marked with where that is and how it came there. */
export function draw(layout: Layout, scenario: NormalizedScenario, progress?: Progress): string {
  return svgOf(layout, progress && { current: progress.current, way: wayTaken(scenario, progress) });
}

/**
 * A scenario as a picture, and in it, when `progress` is given, where a process is and which way it took.
 * Deterministic: the same arguments give the same text.
 *
 * @returns an SVG document
 * @throws DiagramTooLarge
 */
export function diagram(scenario: NormalizedScenario, progress?: Progress): string {
  return draw(layoutScenario(scenario), scenario, progress);
}
