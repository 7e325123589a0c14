/** The syntax tree of an expression. `then` is what a projection does with each of its elements. */
export type Node =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'current' | 'root' }
  | { readonly kind: 'field' | 'variable'; readonly name: string }
  /** `source.then`: null when the source is null, whatever `then` is. */
  | { readonly kind: 'member'; readonly source: Node; readonly then: Node }
  | { readonly kind: 'pipe'; readonly source: Node; readonly then: Node }
  | { readonly kind: 'index'; readonly source: Node; readonly index: number }
  | { readonly kind: 'slice'; readonly source: Node; readonly bounds: SliceBounds; readonly then: Node }
  | { readonly kind: 'elements' | 'flatten' | 'values'; readonly source: Node; readonly then: Node }
  | { readonly kind: 'filter'; readonly source: Node; readonly condition: Node; readonly then: Node }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'sign'; readonly operator: Sign; readonly operand: Node }
  | { readonly kind: 'arithmetic'; readonly operator: ArithmeticOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'comparison'; readonly operator: ComparisonOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'conditional'; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'hash'; readonly entries: readonly Entry[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  /** `&body`: an expression passed to a function unevaluated. */
  | { readonly kind: 'reference'; readonly body: Node }
  | { readonly kind: 'let'; readonly bindings: readonly Entry[]; readonly body: Node };

/** A member of a multiselect hash, or a binding of `let`. */
export interface Entry {
  readonly name: string;
  readonly value: Node;
}

export type Sign = 'Plus' | 'Minus';
export type ArithmeticOperator = 'Plus' | 'Minus' | 'Multiply' | 'Divide' | 'Div' | 'Modulo';
export type ComparisonOperator = 'EQ' | 'NE' | 'LT' | 'LTE' | 'GT' | 'GTE';

/** `[start:stop:step]`, each part null when left out. */
export type SliceBounds = readonly [start: number | null, stop: number | null, step: number | null];

export const CURRENT: Node = { kind: 'current' };

/** @returns The direct children of a node, in the order they stand in the text. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'current':
    case 'root':
    case 'field':
    case 'variable':
      return [];
    case 'index':
      return [node.source];
    case 'member':
    case 'pipe':
    case 'slice':
    case 'elements':
    case 'flatten':
    case 'values':
      return [node.source, node.then];
    case 'filter':
      return [node.source, node.condition, node.then];
    case 'not':
    case 'sign':
      return [node.operand];
    case 'and':
    case 'or':
    case 'arithmetic':
    case 'comparison':
      return [node.left, node.right];
    case 'conditional':
      return [node.condition, node.yes, node.no];
    case 'list':
      return node.items;
    case 'hash':
      return node.entries.map((entry) => entry.value);
    case 'call':
      return node.args;
    case 'reference':
      return [node.body];
    case 'let':
      return [...node.bindings.map((binding) => binding.value), node.body];
  }
}

/** @returns The levels of nesting of a tree, 1 for a leaf. Walks with its own stack, so any depth can be measured. */
export function depthOf(tree: Node): number {
  let deepest = 0;
  const open: [node: Node, depth: number][] = [[tree, 1]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, depth] = next;
    deepest = Math.max(deepest, depth);
    for (const child of children(node)) open.push([child, depth + 1]);
  }
  return deepest;
}

/** @returns How many nodes a tree has. */
export function sizeOf(tree: Node): number {
  return children(tree).reduce((size, child) => size + sizeOf(child), 1);
}
