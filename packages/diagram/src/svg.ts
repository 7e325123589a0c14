import { descriptionOf } from './description.js';
import type { Point } from './dagre.js';
import { FONT, SIGN, round, type Layout, type PlacedEdge, type PlacedNode } from './layout.js';
import { escaped } from './text.js';
import type { WayTaken } from './way-taken.js';

/** Every text keeps a contrast of 4.5 : 1 or more with what is behind it (WCAG 2.2 AA). */
const COLOUR = {
  paper: '#ffffff',
  ink: '#1f2328',
  faint: '#57606a',
  line: '#6e7781',
  node: '#f6f8fa',
  end: '#eaeef2',
  taken: '#0b5cad',
  visited: '#ddf0ff',
} as const;

const FONTS = 'system-ui, -apple-system, &quot;Segoe UI&quot;, Roboto, &quot;DejaVu Sans&quot;, sans-serif';

/** What is marked: the state the process is in, and how it came there. */
export interface Marks {
  readonly current: string;
  readonly way: WayTaken;
}

/**
 * The picture: attributes only, no style sheet, no script, no ids; so it may stand alone, in a page, twice in a page, and
 * under any content security policy. Colour never says anything alone.
 */
export function svgOf(layout: Layout, marks?: Marks): string {
  const { width, height, graph } = layout;
  const taken = ({ edge }: PlacedEdge): boolean => edge.stands.some((id) => marks?.way.edges.has(id));
  // What was taken lies above what was not, labels above all lines.
  const edges = [...layout.edges.filter((edge) => !taken(edge)), ...layout.edges.filter(taken)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONTS}" text-anchor="middle">`,
    `<title>${escaped(graph.title || 'Scenario')}</title>`,
    `<desc>${escaped(descriptionOf(graph, marks?.current, marks?.way))}</desc>`,
    `<rect width="${width}" height="${height}" fill="${COLOUR.paper}"/>`,
    ...edges.map((edge) => arrow(edge, taken(edge))),
    ...layout.nodes.map((node) => box(node, marks)),
    ...edges.map((edge) => label(edge, taken(edge))),
    '</svg>\n',
  ].join('\n');
}

const DASHES = { action: '', timeout: ' stroke-dasharray="7 4"', automatic: ' stroke-dasharray="2 4"' } as const;

function arrow({ edge, points }: PlacedEdge, taken: boolean): string {
  const colour = taken ? COLOUR.taken : COLOUR.line;
  const stroke = `stroke="${colour}" stroke-width="${taken ? 3 : 1.5}" stroke-linecap="round"`;
  return `<path d="${curve(points)}" fill="none" ${stroke}${DASHES[edge.cause]}/>${head(points, colour, taken ? 11 : 9)}`;
}

/** A smooth line through all points, so that it passes under its label (Catmull-Rom, written as Bézier curves). */
function curve(points: readonly Point[]): string {
  const point = (n: number): Point => points[Math.min(Math.max(n, 0), points.length - 1)] ?? { x: 0, y: 0 };
  const segments = points.slice(1).map((end, n) => {
    const [before, start, after] = [point(n - 1), point(n), point(n + 2)];
    const first = { x: start.x + (end.x - before.x) / 6, y: start.y + (end.y - before.y) / 6 };
    const second = { x: end.x - (after.x - start.x) / 6, y: end.y - (after.y - start.y) / 6 };
    return `C${[first, second, end].map(({ x, y }) => `${round(x)} ${round(y)}`).join(' ')}`;
  });
  return `M${point(0).x} ${point(0).y}${segments.join('')}`;
}

function head(points: readonly Point[], colour: string, size: number): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) return '';
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [((tip.x - before.x) / length) * size, ((tip.y - before.y) / length) * size];
  const corner = (side: number): string =>
    `${round(tip.x - dx - side * dy * 0.5)} ${round(tip.y - dy + side * dx * 0.5)}`;
  return `<path d="M${tip.x} ${tip.y}L${corner(1)}L${corner(-1)}Z" fill="${colour}"/>`;
}

function box({ node: { node, key }, x, y, width, height, lines }: PlacedNode, marks: Marks | undefined): string {
  const isCurrent = node !== undefined && marks?.current === key;
  const isVisited = node !== undefined && (marks?.way.states.has(key) ?? false);
  const isEnd = node?.isEnd ?? false;
  const fill = isCurrent ? COLOUR.taken : isVisited ? COLOUR.visited : isEnd ? COLOUR.end : COLOUR.node;
  const stroke = isCurrent || isVisited ? COLOUR.taken : COLOUR.line;
  const ink = isCurrent ? COLOUR.paper : COLOUR.ink;
  const faint = isCurrent ? COLOUR.paper : COLOUR.faint;
  const rect = (inset: number, attributes: string): string =>
    `<rect x="${round(x - width / 2 + inset)}" y="${round(y - height / 2 + inset)}" width="${round(width - 2 * inset)}" height="${round(height - 2 * inset)}" rx="${(isEnd ? height / 2 : 8) - inset}" ${attributes}/>`;
  return [
    `<g>`,
    rect(
      0,
      `fill="${fill}" stroke="${stroke}" stroke-width="${isCurrent || isVisited ? 2.5 : 1.5}"${node ? '' : ' stroke-dasharray="3 3"'}`,
    ),
    ...(isEnd ? [rect(4, `fill="none" stroke="${isCurrent ? COLOUR.paper : stroke}" stroke-width="1"`)] : []),
    ...(node && key === 'initial' ? [beginning(x - width / 2, y - height / 2, stroke)] : []),
    ...lines.map(({ text, kind, dy, edge }) => {
      const weight = kind === 'title' || (edge !== undefined && marks?.way.edges.has(edge)) ? ' font-weight="600"' : '';
      const size = kind === 'title' ? FONT.title : FONT.key;
      return `<text x="${x}" y="${round(y + dy)}" font-size="${size}"${weight} fill="${kind === 'title' ? ink : faint}">${escaped(text)}</text>`;
    }),
    '</g>',
  ].join('');
}

/** Where it all begins: a dot on the corner. */
const beginning = (x: number, y: number, colour: string): string =>
  `<circle cx="${round(x + 2)}" cy="${round(y + 2)}" r="7" fill="${colour}" stroke="${COLOUR.paper}" stroke-width="2"/>`;

function label({ edge, label: { x, y, width, height, lines } }: PlacedEdge, taken: boolean): string {
  const colour = taken ? COLOUR.taken : COLOUR.ink;
  const middle = edge.cause === 'action' ? x : x + SIGN / 2;
  return [
    '<g>',
    `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="4" fill="${COLOUR.paper}" fill-opacity="0.9"/>`,
    edge.cause === 'action' ? '' : SIGNS[edge.cause](round(x - width / 2 + SIGN / 2 + 2), y, colour),
    ...lines.map(({ text, kind, dy }) => {
      const size = kind === 'label' ? FONT.label : FONT.key;
      return `<text x="${round(middle)}" y="${round(y + dy)}" font-size="${size}" fill="${kind === 'label' ? colour : COLOUR.faint}">${escaped(text)}</text>`;
    }),
    '</g>',
  ].join('');
}

/** A clock for what time does, a bolt for what happens by itself: drawn, since a font may not have them. */
const SIGNS = {
  timeout: (x: number, y: number, colour: string) =>
    `<path d="M${round(x - 6)} ${y}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M${x} ${round(y - 3.5)}v3.5l2.5 1.5" fill="none" stroke="${colour}" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>`,
  automatic: (x: number, y: number, colour: string) =>
    `<path d="M${round(x + 2)} ${round(y - 7)}l-6 8h4l-2 6l6 -8h-4z" fill="${colour}"/>`,
} as const;
