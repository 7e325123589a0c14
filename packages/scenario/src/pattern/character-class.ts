import { hexadecimal, readEscape } from './escape.js';

/** Everything and nothing: `[^]` and `[]`. */
const ANYTHING = '(?s:.)';
const NOTHING = '[^\\x{0}-\\x{10ffff}]';

interface Member {
  /** The member in the engine's syntax. */
  readonly inside: string;
  /** Undefined for a set such as `\d`, which cannot be the end of a range. */
  readonly codePoint: number | undefined;
  readonly end: number;
}

/**
 * Translates a character class.
 *
 * @param start Where its opening bracket stands.
 * @returns The class in the engine's syntax, and where the text goes on after it.
 */
export function translateClass(source: string, start: number, unicode: boolean): { pattern: string; end: number } {
  const negated = source[start + 1] === '^';
  let position = start + (negated ? 2 : 1);
  let members = '';
  while (position < source.length && source[position] !== ']') {
    const first = readMember(source, position, unicode);
    const last = source[first.end] === '-' ? readRangeEnd(source, first, unicode) : undefined;
    members += last ? `${first.inside}-${last.inside}` : first.inside;
    position = (last ?? first).end;
  }
  const end = position + 1;
  if (members === '') return { pattern: negated ? ANYTHING : NOTHING, end };
  return { pattern: `[${negated ? '^' : ''}${members}]`, end };
}

/** @returns The end of the range a member starts; undefined when the hyphen stands for itself. */
function readRangeEnd(source: string, first: Member, unicode: boolean): Member | undefined {
  const next = source[first.end + 1];
  if (first.codePoint === undefined || next === undefined || next === ']') return undefined;
  const last = readMember(source, first.end + 1, unicode);
  return last.codePoint === undefined ? undefined : last;
}

function readMember(source: string, position: number, unicode: boolean): Member {
  if (source[position] === '\\') return readEscape(source, position, unicode);
  const codePoint = source.codePointAt(position) ?? 0;
  return { inside: hexadecimal(codePoint), codePoint, end: position + (codePoint > 0xffff ? 2 : 1) };
}
