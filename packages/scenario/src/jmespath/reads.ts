import { children, type Node } from './syntax.js';

/** What an expression may read when nothing narrower is known. */
export const EVERYTHING = '*';

/**
 * Finds which members of the root document an expression may read, by following where the root itself can get to.
 *
 * @returns Member names; `*` among them when the whole document, or all its members, may be read.
 */
export function readsOf(tree: Node): ReadonlySet<string> {
  const reads = new Set<string>();
  const follower = new RootFollower(reads);
  if (follower.follow(tree, true, new Map())) reads.add(EVERYTHING);
  return reads;
}

/** For each variable in scope: whether it holds the root. */
type Variables = ReadonlyMap<string, boolean>;

class RootFollower {
  readonly #reads: Set<string>;

  constructor(reads: Set<string>) {
    this.#reads = reads;
  }

  /**
   * Collects what a node reads.
   *
   * @param atRoot Whether `@` is the root document there.
   * @returns Whether the node's own value may be the root document.
   */
  follow(node: Node, atRoot: boolean, variables: Variables): boolean {
    if (node.kind === 'root') return true;
    if (node.kind === 'current') return atRoot;
    if (node.kind === 'variable') return variables.get(node.name) ?? false;
    if (node.kind === 'member' || node.kind === 'pipe') {
      return this.follow(node.then, this.follow(node.source, atRoot, variables), variables);
    }
    if (node.kind === 'let') {
      const bound = node.bindings.map(({ name, value }) => [name, this.follow(value, atRoot, variables)] as const);
      return this.follow(node.body, atRoot, new Map([...variables, ...bound]));
    }
    if (node.kind === 'field' && atRoot) this.#reads.add(node.name);
    this.#followParts(node, atRoot, variables);
    return false;
  }

  /** Any other node that takes the root for a part may look at all of it, and gives something else. */
  #followParts(node: Node, atRoot: boolean, variables: Variables): void {
    for (const [position, part] of children(node).entries()) {
      // There `@` is an element; the root gets in only after everything was read.
      const atElement = position >= (PER_ELEMENT[node.kind] ?? Infinity);
      if (this.follow(part, atRoot && !atElement, variables)) this.#reads.add(EVERYTHING);
    }
  }
}

/** From which of its parts on a node evaluates them with elements as `@`; other nodes pass their own on. */
const PER_ELEMENT: Readonly<Partial<Record<Node['kind'], number>>> = {
  reference: 0,
  slice: 1,
  elements: 1,
  flatten: 1,
  values: 1,
  filter: 1,
};
