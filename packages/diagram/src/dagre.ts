import * as library from '@dagrejs/dagre';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is used of the library. Its own declarations import without file extensions, which Node's resolution cannot follow. */
interface LayoutGraph {
  setGraph(options: Readonly<Record<string, string | number>>): void;
  setNode(id: string, box: { width: number; height: number }): void;
  setEdge(source: string, target: string, label: { width: number; height: number; labelpos: 'c' }, id: string): void;
  /** After a layout: the size of it all. */
  graph(): { width?: number; height?: number };
  node(id: string): Point;
  edge(source: string, target: string, id: string): Point & { readonly points: readonly Point[] };
}

interface Dagre {
  readonly Graph: new (options: { multigraph: boolean }) => LayoutGraph;
  layout(graph: LayoutGraph): void;
}

export const dagre = library as unknown as Dagre;
