import { isAlias, isMap, isScalar, isSeq, Scalar, type LineCounter, type Node, type Pair, type YAMLMap } from 'yaml';

import { LimitExceeded, type Limits } from '../limits.js';
import { isObject, type JsonObject, type JsonValue } from '../normalize/json.js';
import { DocumentSyntaxError, type Position } from './error.js';
import type { YamlTag, YamlTags } from './tags.js';

/** Something the parser let pass, and where. */
export interface ParseWarning extends Position {
  readonly message: string;
}

interface Context {
  readonly lines: LineCounter;
  readonly limits: Limits;
  readonly tags: YamlTags;
}

/** What an anchor stands for; without a value while its node is still being read. */
interface Anchored {
  value?: unknown;
}

/** Beside its text a node takes indentation, punctuation, a line end. */
const CHARACTERS_PER_NODE = 10;

/** Tags of YAML's core schema: the library has applied them. */
const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/**
 * Turns the tree of one YAML document into plain JSON: resolves aliases and merge keys, applies tags, refuses duplicate
 * keys. Recurses as deep as the tree.
 */
export class Converter {
  readonly warnings: ParseWarning[] = [];
  readonly #context: Context;
  readonly #anchors = new Map<string, Anchored>();
  #aliasBudget: number;

  constructor(context: Context) {
    this.#context = context;
    this.#aliasBudget = context.limits.documentLength;
  }

  /**
   * @throws DocumentSyntaxError for aliases, merges and keys that make no sense.
   * @throws LimitExceeded when the aliases expand to too much.
   */
  convert(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#expand(node.source, node);
    const anchored: Anchored = {};
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, anchored);
    return (anchored.value = this.#applyTag(node));
  }

  /** A copy for each use, so that no part of a document changes with another; a budget keeps copies of copies finite. */
  #expand(name: string, node: Node): unknown {
    const anchored = this.#anchors.get(name);
    if (!anchored) {
      const message = `Unresolved alias (the anchor must be set before the alias): ${name}`;
      throw this.#failure('UNRESOLVED_ALIAS', message, node);
    }
    if (!('value' in anchored)) {
      throw this.#failure('CIRCULAR_ALIAS', `Alias is used inside of what it stands for: ${name}`, node);
    }
    return this.#copy(anchored.value);
  }

  /** Charged about what the value would have taken written out in the document. */
  #copy(value: unknown): unknown {
    this.#charge(typeof value === 'string' ? value.length : 0);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (!isObject(value)) return value;
    const members = Object.entries(value).map(([key, member]) => {
      this.#charge(key.length);
      return [key, this.#copy(member)] as const;
    });
    return Object.fromEntries(members);
  }

  #charge(characters: number): void {
    this.#aliasBudget -= characters + CHARACTERS_PER_NODE;
    if (this.#aliasBudget < 0) throw new LimitExceeded('documentLength', 'Aliases of the document expand to too much');
  }

  #applyTag(node: Node): unknown {
    const value = this.#withoutTag(node);
    const { tag } = node as { tag?: string };
    if (tag === undefined || CORE_TAG.test(tag)) return value;
    const { tags } = this.#context;
    const handler = Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    const apply = handler && handlerFor(handler, node, value);
    if (apply) return apply();
    const name = tag.slice(0, 80);
    const message = handler ? `Tag ${name} does not belong here` : `Unknown tag: ${name}`;
    this.warnings.push({ message: `${message}; it is ignored`, ...this.#positionOf(node) });
    return value;
  }

  #withoutTag(node: Node): unknown {
    if (isSeq(node)) return node.items.map((item) => this.convert(item as Node | null));
    return isMap(node) ? this.#convertMap(node) : (node as Scalar).value;
  }

  /** Explicit keys win over merged ones wherever they stand; of merged maps the first wins. */
  #convertMap(node: YAMLMap): Record<string, unknown> {
    const explicit = new Set<unknown>();
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(key)) {
        for (const [name, member] of this.#mergeSources(value)) if (!entries.has(name)) entries.set(name, member);
        continue;
      }
      const plain = this.convert(key);
      if (!isPlain(plain)) throw this.#failure('BAD_KEY', 'Map keys must be plain values', key);
      if (explicit.has(plain)) throw this.#failure('DUPLICATE_KEY', 'Map keys must be unique', key);
      explicit.add(plain);
      entries.set(String(plain ?? ''), this.convert(value));
    }
    return Object.fromEntries(entries);
  }

  *#mergeSources(value: Node | null): Generator<[string, unknown]> {
    const merged = this.convert(value);
    for (const source of Array.isArray(merged) ? (merged as unknown[]) : [merged]) {
      if (!isObject(source)) throw this.#failure('BAD_MERGE', 'Only maps can be merged', value);
      yield* Object.entries(source);
    }
  }

  #failure(code: string, message: string, node: Node | null): DocumentSyntaxError {
    return new DocumentSyntaxError(code, message, this.#positionOf(node));
  }

  #positionOf(node: Node | null): Position {
    const { line, col } = this.#context.lines.linePos(node?.range?.[0] ?? 0);
    return { line, column: col };
  }
}

const isMergeKey = (key: Node | null): boolean =>
  isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN && key.tag === undefined;

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** @returns the tag's way with this kind of node, ready to call; undefined when it has none. */
function handlerFor({ scalar, map, sequence }: YamlTag, node: Node, value: unknown): (() => unknown) | undefined {
  if (isSeq(node)) return sequence && (() => sequence(value as JsonValue[]));
  if (isMap(node)) return map && (() => map(value as JsonObject));
  // The library reads a scalar with a tag it does not know as text.
  return scalar && (() => scalar(String(value)));
}
