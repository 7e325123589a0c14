import { dagre, type Point } from './dagre.js';
import { condensed, type DrawnEdge, type DrawnNode } from './condense.js';
import { edgeId, type Graph } from './graph.js';
import { shortened, widthOf, wrapped } from './text.js';

export const FONT = { title: 14, key: 11, label: 12 } as const;
const NODE_TEXT = 170;
const LABEL_TEXT = 200;
const LINE = 1.35;
/** How many transitions an arrow or a state names before it says how many more there are. */
const NAMED = 4;

/** A text and its place: the middle of its first line's base. */
interface Line {
  readonly text: string;
  readonly kind: 'title' | 'key' | 'label' | 'aside';
  /** The arrow that leads back to the state it is written in. */
  readonly edge?: string;
  /** From the middle of the box to the base line. */
  readonly dy: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

export interface PlacedNode extends Box {
  readonly node: DrawnNode;
}

export interface PlacedEdge {
  readonly edge: DrawnEdge;
  readonly points: readonly Point[];
  readonly label: Box;
}

/** A graph with everything in its place, in pixels from the top left. */
export interface Layout {
  readonly graph: Graph;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** Room beside a label for the sign that says what sets it off. */
export const SIGN = 18;

/** Layered from top to bottom, in the author's order where the arrows leave a choice. The same graph gives the same layout. */
export function layoutOf(graph: Graph): Layout {
  const g = new dagre.Graph({ multigraph: true });
  g.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 56, edgesep: 18, marginx: 24, marginy: 24 });
  const drawing = condensed(graph);
  const nodes = drawing.nodes.map((node) => ({ node, ...nodeBox(node) }));
  const edges = drawing.edges.map((edge) => ({ edge, label: labelBox(edge) }));
  for (const { node, width, height } of nodes) g.setNode(node.id, { width, height });
  for (const { edge, label } of edges) {
    const { width, height } = label;
    g.setEdge(edge.source, edge.target, { width, height, labelpos: 'c' }, edge.id);
  }
  dagre.layout(g);
  const { width = 0, height = 0 } = g.graph();
  return {
    graph,
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: nodes.map((box) => ({ ...box, ...at(g.node(box.node.id)) })),
    edges: edges.map(({ edge, label }) => {
      const placed = g.edge(edge.source, edge.target, edge.id);
      return { edge, points: placed.points.map(at), label: { ...label, ...at(placed) } };
    }),
  };
}

const at = ({ x, y }: Point): Point => ({ x: round(x), y: round(y) });

/** Hundredths of a pixel: the same text on every machine. */
export const round = (value: number): number => Math.round(value * 100) / 100;

type Unplaced = Omit<Box, keyof Point>;

function nodeBox({ key, title, notifies, inside }: DrawnNode): Unplaced {
  const texts: Omit<Line, 'dy'>[] = wrapped(title, NODE_TEXT, FONT.title, 2).map((text) => ({ text, kind: 'title' }));
  if (key !== '' && title !== key) texts.push({ text: shortened(key, NODE_TEXT, FONT.key), kind: 'key' });
  if (notifies.length > 0) {
    texts.push({ text: shortened(`tells ${notifies.join(', ')}`, NODE_TEXT, FONT.key), kind: 'aside' });
  }
  const staying = inside.flatMap((edge) =>
    edge.ways.map(({ what }) => ({ what, edge: edgeId(edge.from, edge.to, edge.cause) })),
  );
  for (const { what, edge } of staying.slice(0, NAMED)) {
    texts.push({ text: shortened(`${what || 'automatically'}: stays here`, NODE_TEXT, FONT.key), kind: 'aside', edge });
  }
  if (staying.length > NAMED) texts.push({ text: `and ${staying.length - NAMED} more`, kind: 'aside' });
  const { lines, width, height } = stacked(texts);
  return { lines, width: Math.max(96, width + 32), height: height + 18 };
}

function labelBox({ ways, cause }: DrawnEdge): Unplaced {
  const shown = ways.length > NAMED ? ways.slice(0, NAMED - 1) : ways;
  const texts = shown.flatMap(({ what, who, condition }): Omit<Line, 'dy'>[] => {
    const asides = [who, condition === '' ? '' : `[${condition}]`].filter((part) => part !== '');
    return [
      ...(what === ''
        ? []
        : wrapped(what, LABEL_TEXT, FONT.label, 2).map((text) => ({ text, kind: 'label' as const }))),
      ...asides.map((aside) => ({ text: shortened(aside, LABEL_TEXT, FONT.key), kind: 'aside' as const })),
    ];
  });
  if (shown.length < ways.length) texts.push({ text: `and ${ways.length - shown.length} more`, kind: 'aside' });
  const { lines, width, height } = stacked(texts);
  return { lines, width: width + 10 + (cause === 'action' ? 0 : SIGN), height: height + 4 };
}

const sizeOf = (kind: Line['kind']): number => (kind === 'aside' ? FONT.key : FONT[kind]);

function stacked(texts: readonly Omit<Line, 'dy'>[]): { lines: Line[]; width: number; height: number } {
  const heights = texts.map(({ kind }) => sizeOf(kind) * LINE);
  const height = heights.reduce((sum, one) => sum + one, 0);
  let top = -height / 2;
  const lines = texts.map((line, n): Line => {
    const own = heights[n] ?? 0;
    // The base line lies about a quarter of the line above its bottom.
    const dy = round(top + own * 0.76);
    top += own;
    return { ...line, dy };
  });
  return { lines, height, width: Math.max(0, ...texts.map(({ text, kind }) => widthOf(text, sizeOf(kind)))) };
}
