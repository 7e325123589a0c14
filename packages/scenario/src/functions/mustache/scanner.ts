const SPACE = /\s/;

/** @returns Whether a character is white space to JavaScript. */
export function isSpace(char: string | undefined): boolean {
  return char !== undefined && SPACE.test(char);
}

/** Walks through a text from mark to mark. Every method takes time linear in what it passes. */
export class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get position(): number {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Takes the mark if it stands here. */
  take(mark: string): boolean {
    const found = this.#text.startsWith(mark, this.#position);
    if (found) this.#position += mark.length;
    return found;
  }

  /** Takes the character here if it is one of these. @returns It, or the empty string. */
  takeOneOf(chars: string): string {
    const char = this.#text[this.#position];
    if (char === undefined || !chars.includes(char)) return '';
    this.#position++;
    return char;
  }

  skipSpace(): void {
    while (isSpace(this.#text[this.#position])) this.#position++;
  }

  /** Takes all up to a mark; to the end when there is none. */
  takeUntil(mark: string): string {
    return this.#takeTo(this.#find(mark));
  }

  /** Takes all up to the white space before a mark, if any; to the end when there is no mark. */
  takeUntilSpaced(mark: string): string {
    const found = this.#find(mark);
    let end = found;
    if (this.#text.startsWith(mark, found)) while (end > this.#position && isSpace(this.#text[end - 1])) end--;
    return this.#takeTo(end);
  }

  /** Takes white space and the mark behind it; nothing when something else stands there. */
  takeSpaced(mark: string): boolean {
    const start = this.#position;
    this.skipSpace();
    if (this.take(mark)) return true;
    this.#position = start;
    return false;
  }

  #find(mark: string): number {
    const found = this.#text.indexOf(mark, this.#position);
    return found < 0 ? this.#text.length : found;
  }

  #takeTo(end: number): string {
    const taken = this.#text.slice(this.#position, end);
    this.#position = end;
    return taken;
  }
}
