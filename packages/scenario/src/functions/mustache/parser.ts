import { LimitExceeded, type Limits } from '../../limits.js';
import { isSpace, Scanner } from './scanner.js';
import type { TemplateNode } from './syntax.js';

/**
 * Parses a Mustache template. Own code because mustache.js takes quadratic time for some templates; what it gives is
 * what mustache.js 4 gives, messages included.
 *
 * @throws {Error} with the message of mustache.js for tags and sections that do not close.
 * @throws {LimitExceeded} when the template is too long or its sections are nested too deeply.
 */
export function parseTemplate(text: string, limits: Limits): TemplateNode[] {
  if (text.length > limits.templateLength) {
    throw new LimitExceeded('templateLength', `Template is longer than ${limits.templateLength} characters`);
  }
  return new TemplateParser(text, limits.expressionDepth).parse();
}

interface OpenSection {
  readonly name: string;
  readonly body: TemplateNode[];
}

class TemplateParser {
  readonly #scanner: Scanner;
  readonly #depthLimit: number;
  readonly #root: TemplateNode[] = [];
  readonly #sections: OpenSection[] = [];
  #opening = '{{';
  #closing = '}}';
  #line = new Line();

  constructor(text: string, depthLimit: number) {
    this.#scanner = new Scanner(text);
    this.#depthLimit = depthLimit;
  }

  parse(): TemplateNode[] {
    while (!this.#scanner.atEnd) {
      this.#text(this.#scanner.takeUntil(this.#opening));
      if (!this.#scanner.atEnd) this.#tag();
    }
    this.#line.end();
    const open = this.#sections.pop();
    if (open) throw new Error(`Unclosed section "${open.name}" at ${this.#scanner.position}`);
    return this.#root;
  }

  get #body(): TemplateNode[] {
    return this.#sections.at(-1)?.body ?? this.#root;
  }

  #text(text: string): void {
    for (const part of text.split(/(?<=\n)/)) {
      if (part === '') continue;
      const node = { kind: 'text' as const, text: part };
      this.#body.push(node);
      this.#line.text(node);
      if (part.endsWith('\n')) {
        this.#line.end();
        this.#line = new Line();
      }
    }
  }

  #tag(): void {
    const start = this.#scanner.position;
    this.#scanner.take(this.#opening);
    this.#scanner.skipSpace();
    const type = this.#scanner.takeOneOf('#^/>{&=!') || 'name';
    this.#scanner.skipSpace();
    const name = this.#tagContent(type);
    if (!this.#scanner.takeSpaced(this.#closing)) throw new Error(`Unclosed tag at ${this.#scanner.position}`);
    this.#add(type, name, start);
    this.#line.tag(type === 'name' || type === '{' || type === '&');
  }

  #tagContent(type: string): string {
    if (type !== '=' && type !== '{') return this.#scanner.takeUntilSpaced(this.#closing);
    const end = type === '=' ? '=' : `}${this.#closing}`;
    const content = this.#scanner.takeUntilSpaced(end);
    this.#scanner.takeSpaced(type === '=' ? '=' : '}');
    this.#scanner.takeUntilSpaced(this.#closing);
    return content;
  }

  #add(type: string, name: string, start: number): void {
    switch (type) {
      case '#':
      case '^':
        this.#openSection(type === '#' ? 'section' : 'inverted', name);
        break;
      case '/':
        this.#closeSection(name, start);
        break;
      case '>':
        this.#body.push({ kind: 'partial', name, ...this.#line.indentation });
        break;
      case '=':
        this.#setTags(name);
        break;
      case '!':
        break;
      default:
        this.#body.push({ kind: 'value', name });
    }
  }

  #openSection(kind: 'section' | 'inverted', name: string): void {
    if (this.#sections.length >= this.#depthLimit) {
      throw new LimitExceeded('expressionDepth', `Template is nested deeper than ${this.#depthLimit} levels`);
    }
    const body: TemplateNode[] = [];
    this.#body.push({ kind, name, body });
    this.#sections.push({ name, body });
  }

  #closeSection(name: string, start: number): void {
    const open = this.#sections.pop();
    if (!open) throw new Error(`Unopened section "${name}" at ${start}`);
    if (open.name !== name) throw new Error(`Unclosed section "${open.name}" at ${start}`);
  }

  #setTags(tags: string): void {
    const [opening, closing] = tags.split(/\s+/, 2);
    if (!opening || !closing) throw new Error(`Invalid tags: ${tags}`);
    this.#opening = opening;
    this.#closing = closing;
  }
}

interface TextNode {
  readonly kind: 'text';
  text: string;
}

/** A line of a template: when it has only tags that print nothing themselves, its white space is not printed. */
class Line {
  readonly #texts: TextNode[] = [];
  #written = '';
  #tags = 0;
  #printsSomething = false;
  #hasText = false;

  text(node: TextNode): void {
    this.#texts.push(node);
    if (this.#tags === 0) this.#written += node.text;
    if (/\S/.test(node.text)) {
      this.#printsSomething = true;
      this.#hasText = true;
    }
  }

  tag(printsSomething: boolean): void {
    this.#tags++;
    this.#printsSomething ||= printsSomething;
  }

  /** How a partial at this place is indented: by the white space before the line's first tag, if it is the first. */
  get indentation(): { indentation: string; continues: boolean } {
    const indentation = this.#tags === 0 ? this.#written.replace(/[^ \t]/g, (char) => (isSpace(char) ? '' : ' ')) : '';
    return { indentation, continues: this.#hasText };
  }

  end(): void {
    if (this.#tags > 0 && !this.#printsSomething) for (const node of this.#texts) node.text = '';
  }
}
