import { translateClass } from './character-class.js';
import { PatternError } from './error.js';
import { readEscape } from './escape.js';
import { SizeEstimate } from './size-estimate.js';

/** What JavaScript's `.` leaves out beside the line feed the engine knows of. */
const NOT_A_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';
const QUANTIFIER = /\{(\d+)(,?)(\d*)\}/y;

/** A pattern in the engine's syntax. */
export interface Translation {
  readonly pattern: string;
  /** About how many instructions the engine compiles it to. */
  readonly size: number;
}

/**
 * Translates a regular expression from JavaScript's syntax to that of RE2, which means other things by some of the
 * same characters. What differs still: `^` and `$` with the flag `m` know the line feed only, a group inside a
 * repetition keeps the text of an earlier round, a repetition of what may be empty may stop earlier, `i` folds all of
 * Unicode, and characters are code points, with the flag `u` or without.
 *
 * @param source A pattern that JavaScript accepts.
 * @throws {PatternError} for lookaround and backreferences, which cannot be matched in linear time.
 */
export function translate(source: string, flags: string): Translation {
  return new Translator(source, flags).translate();
}

class Translator {
  readonly #source: string;
  readonly #dotAll: boolean;
  readonly #multiline: boolean;
  readonly #unicode: boolean;
  readonly #size = new SizeEstimate();
  #position = 0;
  #output = '';

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#dotAll = flags.includes('s');
    this.#multiline = flags.includes('m');
    this.#unicode = flags.includes('u');
  }

  translate(): Translation {
    while (this.#position < this.#source.length) this.#output += this.#next();
    return { pattern: this.#output, size: this.#size.total };
  }

  #next(): string {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#position) ?? 0);
    switch (char) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '(':
        return this.#open();
      case '{':
        return this.#brace();
      default:
        this.#position += char.length;
        return this.#plain(char);
    }
  }

  #plain(char: string): string {
    switch (char) {
      case ')':
        this.#size.close();
        return char;
      case '*':
      case '+':
      case '?':
        this.#size.repeat(2);
        return char;
      case '|':
        this.#size.atom();
        return char;
      case '.':
        this.#size.atom();
        return this.#dotAll ? '(?s:.)' : NOT_A_LINE_END;
      case '^':
        this.#size.atom();
        return this.#multiline ? '(?m:^)' : '\\A';
      case '$':
        this.#size.atom();
        return this.#multiline ? '(?m:$)' : '\\z';
      default:
        this.#size.atom();
        return char === ']' || char === '}' ? `\\${char}` : char;
    }
  }

  #escape(): string {
    const escape = readEscape(this.#source, this.#position, this.#unicode);
    this.#position = escape.end;
    this.#size.atom();
    return escape.outside;
  }

  #class(): string {
    const { pattern, end } = translateClass(this.#source, this.#position, this.#unicode);
    this.#position = end;
    this.#size.atom();
    return pattern;
  }

  #open(): string {
    const rest = this.#source.slice(this.#position, this.#position + 4);
    if (/^\(\?<?[=!]/.test(rest)) {
      const kind = rest[2] === '<' ? 'lookbehind' : 'lookahead';
      throw new PatternError(this.#source, `Invalid regular expression: /${this.#source}/: ${kind} is not supported`);
    }
    this.#size.open();
    const opening = rest.startsWith('(?:') ? '(?:' : rest.startsWith('(?<') ? '(?<' : '(';
    this.#position += opening.length;
    if (opening !== '(?<') return opening;
    return `(?P<${this.#groupName()}>`;
  }

  #groupName(): string {
    const end = this.#source.indexOf('>', this.#position);
    const name = this.#source.slice(this.#position, end);
    this.#position = end + 1;
    return name;
  }

  /** A repetition such as `{2,5}`; anything else in braces stands for itself. */
  #brace(): string {
    QUANTIFIER.lastIndex = this.#position;
    const [written, least, comma, most] = QUANTIFIER.exec(this.#source) ?? [];
    if (written === undefined) {
      this.#position++;
      this.#size.atom();
      return '\\{';
    }
    this.#position += written.length;
    this.#size.repeat(Math.max(Number(least), Number(most), comma ? 2 : 1));
    return written;
  }
}
