import { edgeId, type Edge, type Graph, type Node } from './graph.js';

/** From so many states on, the same arrow to the same place is drawn once. */
const MANY = 6;

/** A box of the picture: a state, or many states with something in common. */
export interface DrawnNode {
  readonly id: string;
  /** The state; absent for a group. */
  readonly node?: Node;
  readonly title: string;
  readonly key: string;
  readonly notifies: readonly string[];
  /** What can happen without the state being left. */
  readonly inside: readonly Edge[];
}

/** An arrow of the picture. */
export interface DrawnEdge extends Omit<Edge, 'from' | 'to'> {
  readonly id: string;
  /** Ids of boxes. */
  readonly source: string;
  readonly target: string;
  /** The arrows it stands for, by `edgeId`. */
  readonly stands: readonly string[];
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

/**
 * What to draw of a graph. Where many states have the same way to the same place (as a wildcard state gives them all),
 * one box stands for them: fifty arrows side by side show nothing. What leads back to the same state is written into its box.
 */
export function condensed({ nodes, edges }: Graph): Drawing {
  const drawnNodes = nodes.map((node): DrawnNode => {
    const inside = edges.filter(({ from, to }) => from === node.key && to === node.key);
    return { ...node, id: idOf(node.key), node, inside };
  });
  const drawnEdges: DrawnEdge[] = [];
  const active = nodes.filter(({ isEnd }) => !isEnd).length;
  for (const group of alike(edges.filter(({ from, to }) => from !== to))) {
    if (group.length < MANY) {
      drawnEdges.push(...group.map((edge) => drawn(edge, idOf(edge.from), [edge])));
      continue;
    }
    const id = `*${drawnNodes.length}`;
    const isAny = group.length === active;
    const key = isAny ? '' : group.map(({ from }) => from).join(', ');
    drawnNodes.push({ id, title: isAny ? 'Any state' : `${group.length} states`, key, notifies: [], inside: [] });
    drawnEdges.push(...group.slice(0, 1).map((edge) => drawn(edge, id, group)));
  }
  return { nodes: drawnNodes, edges: drawnEdges };
}

/** Arrows that differ in nothing but where they come from. */
function alike(edges: readonly Edge[]): Iterable<Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const what = JSON.stringify([edge.to, edge.cause, edge.ways]);
    const group = groups.get(what);
    if (group) group.push(edge);
    else groups.set(what, [edge]);
  }
  return groups.values();
}

const idOf = (key: string): string => `=${key}`;

function drawn({ to, cause, ways }: Edge, source: string, group: readonly Edge[]): DrawnEdge {
  const stands = group.map((edge) => edgeId(edge.from, edge.to, edge.cause));
  return { id: stands[0] ?? '', source, target: idOf(to), cause, ways, stands };
}
