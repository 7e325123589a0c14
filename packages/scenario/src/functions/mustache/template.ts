import { Budget, TextBuilder } from '../../budget.js';
import { LimitExceeded, type Limits } from '../../limits.js';
import { printed } from '../printed.js';
import { Context } from './context.js';
import { hasPartials, namesIn } from './names.js';
import { parseTemplate } from './parser.js';
import type { PartialNode, TemplateNode } from './syntax.js';

/** A parsed Mustache template. Nothing it prints is escaped: what it makes is text, not HTML. */
export class Template {
  readonly text: string;
  /** The names it looks up first, `*` among them when it may print all it is given. Those of partials are not here. */
  readonly names: ReadonlySet<string>;
  readonly usesPartials: boolean;
  readonly #nodes: readonly TemplateNode[];
  readonly #limits: Limits;

  /**
   * @param text The template; anything but a string is an error.
   * @throws {Error} with the message of mustache.js when the template is malformed.
   * @throws {LimitExceeded} when it is too long or nested too deeply.
   */
  constructor(text: unknown, limits: Limits) {
    if (typeof text !== 'string') throw notAString(text);
    this.text = text;
    this.#limits = limits;
    this.#nodes = parseTemplate(text, limits);
    this.names = namesIn(this.#nodes);
    this.usesPartials = hasPartials(this.#nodes);
  }

  /**
   * Renders the template.
   *
   * @param view Where names are looked up. Own members only; functions in it are not called.
   * @param partials Templates by name, for `{{> name}}`; one that is missing is empty.
   * @throws {LimitExceeded} when the text gets too long, rendering takes too many steps, or partials never end.
   */
  render(view: unknown, partials: unknown): string {
    const renderer = new Renderer(partials, this.#limits);
    renderer.render(this.#nodes, new Context(view), 0);
    return renderer.text;
  }
}

function notAString(value: unknown): TypeError {
  const type = Array.isArray(value) ? 'array' : typeof value;
  return new TypeError(
    `Invalid template! Template should be a "string" but "${type}" was given as the first argument for ` +
      'mustache#render(template, view, partials)',
  );
}

class Renderer {
  readonly #partials: unknown;
  readonly #limits: Limits;
  readonly #budget: Budget;
  readonly #output: TextBuilder;
  readonly #parsed = new Map<string, readonly TemplateNode[]>();

  constructor(partials: unknown, limits: Limits) {
    this.#partials = partials;
    this.#limits = limits;
    this.#budget = new Budget(limits);
    this.#output = new TextBuilder(this.#budget);
  }

  get text(): string {
    return this.#output.toString();
  }

  render(nodes: readonly TemplateNode[], context: Context, depth: number): void {
    if (depth > this.#limits.expressionDepth) {
      throw new LimitExceeded('expressionDepth', `Template goes deeper than ${this.#limits.expressionDepth} levels`);
    }
    this.#budget.charge(nodes.length);
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          this.#output.add(node.text);
          break;
        case 'value':
          this.#output.add(printed(this.#lookup(node.name, context)));
          break;
        case 'section':
          this.#section(node.body, this.#lookup(node.name, context), context, depth);
          break;
        case 'inverted':
          if (isEmpty(this.#lookup(node.name, context))) this.render(node.body, context, depth + 1);
          break;
        case 'partial':
          this.render(this.#partial(node), context, depth + 1);
      }
    }
  }

  /** A list renders the body once for each element, anything else that is not empty once. */
  #section(body: readonly TemplateNode[], value: unknown, context: Context, depth: number): void {
    if (Array.isArray(value)) {
      for (const item of value) this.render(body, context.push(item), depth + 1);
    } else if (value === true) {
      this.render(body, context, depth + 1);
    } else if (!isEmpty(value)) {
      this.render(body, context.push(value), depth + 1);
    }
  }

  #partial({ name, indentation, continues }: PartialNode): readonly TemplateNode[] {
    const text = this.#partialText(name);
    if (text === '') return [];
    const key = `${continues}${indentation}>${name}`;
    const known = this.#parsed.get(key);
    if (known) return known;
    const lines = text.split('\n');
    this.#budget.chargeText(text.length + indentation.length * lines.length);
    const indented = lines.map((line, index) =>
      line === '' || (index === 0 && continues) ? line : indentation + line,
    );
    const nodes = parseTemplate(indented.join('\n'), this.#limits);
    this.#parsed.set(key, nodes);
    return nodes;
  }

  #partialText(name: string): string {
    const partials = this.#partials;
    if (typeof partials !== 'object' || partials === null || !Object.hasOwn(partials, name)) return '';
    const text = (partials as Readonly<Record<string, unknown>>)[name] ?? '';
    if (typeof text !== 'string') throw new TypeError(`Invalid partial "${name}": it should be a string`);
    return text;
  }

  #lookup(name: string, context: Context): unknown {
    // A name is compared in each context it is looked up in.
    this.#budget.charge((1 + name.length / 16) * context.depth);
    return context.lookup(name);
  }
}

/** JavaScript's idea of false, and the empty list. */
function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}
