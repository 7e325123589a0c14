import { EVERYTHING } from '../../jmespath/index.js';
import type { TemplateNode } from './syntax.js';

/** @returns The first part of each name in a template; `*` among them for `{{.}}`, which may print the whole view. */
export function namesIn(nodes: readonly TemplateNode[]): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.kind === 'text' || node.kind === 'partial') continue;
    names.add(node.name === '.' ? EVERYTHING : firstPart(node.name));
    if (node.kind === 'value') continue;
    for (const name of namesIn(node.body)) names.add(name);
  }
  return names;
}

function firstPart(name: string): string {
  const dot = name.indexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** @returns Whether a template takes in any partial. */
export function hasPartials(nodes: readonly TemplateNode[]): boolean {
  return nodes.some((node) => node.kind === 'partial' || ('body' in node && hasPartials(node.body)));
}
