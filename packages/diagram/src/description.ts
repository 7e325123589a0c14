import type { Edge, Graph } from './graph.js';
import type { WayTaken } from './way-taken.js';

/** The diagram in words, for those who do not see it: every state with its ways out, and where the process is. */
export function descriptionOf(graph: Graph, current?: string, way?: WayTaken): string {
  const titles = new Map(graph.nodes.map(({ key, title }) => [key, title]));
  const all = [...titles.values()];
  const name = (key: string): string => {
    const title = titles.get(key) ?? key;
    return all.indexOf(title) === all.lastIndexOf(title) ? `“${title}”` : `“${title}” (${key})`;
  };
  const sentences = graph.nodes.map(({ key, isEnd }) => {
    if (isEnd) return `${name(key)} is an end.`;
    const out = graph.edges.filter(({ from }) => from === key);
    return `From ${name(key)}: ${out.map((edge) => `${wordsOf(edge)} to ${edge.to === key ? 'itself' : name(edge.to)}`).join('; ')}.`;
  });
  if (current === undefined) return sentences.join(' ');
  const been = graph.nodes.filter(({ key }) => key !== current && way?.states.has(key)).map(({ key }) => name(key));
  const past = been.length > 0 ? ` It has been in ${been.join(', ')}.` : '';
  return [`The process is in ${name(current)}.${past}`, ...sentences].join(' ');
}

const wordsOf = ({ ways }: Edge): string =>
  ways
    .map(({ what, who, condition }) => `${what}${who && ` by ${who}`}${condition && ` if ${condition}`}`.trim())
    .join(' or ');
