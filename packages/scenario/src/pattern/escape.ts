import { PatternError } from './error.js';

/** What `\s` means in JavaScript, and what is left; the engine's own knows ASCII only. */
const SPACE_RANGES =
  '\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NOT_SPACE_RANGES =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}' +
  '\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';

const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

const HEX = /x([0-9a-fA-F]{2})/y;
const SURROGATE_PAIR = /u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/iy;
const CODE_UNIT = /u([0-9a-fA-F]{4})/y;
const CODE_POINT = /u\{([0-9a-fA-F]+)\}/y;
const CONTROL_LETTER = /c([A-Za-z])/y;
const PROPERTY = /[pP]\{([^}]*)\}/y;

/** An escape sequence: one character, or a set of them. */
export interface Escape {
  /** The escape in the engine's syntax, outside of a class and inside of one. */
  readonly outside: string;
  readonly inside: string;
  /** The character it stands for; undefined for a set or an assertion. */
  readonly codePoint: number | undefined;
  /** Where the text goes on after it. */
  readonly end: number;
}

/**
 * Reads the escape sequence at a backslash, by the rules of JavaScript.
 *
 * @param start Where the backslash stands.
 * @throws {PatternError} for a backreference.
 */
export function readEscape(source: string, start: number, unicode: boolean): Escape {
  const at = start + 1;
  const char = String.fromCodePoint(source.codePointAt(at) ?? 0x5c);
  const end = at + char.length;
  if (/[dDwW]/.test(char)) return { outside: `\\${char}`, inside: `\\${char}`, codePoint: undefined, end };
  if (char === 's') return { outside: `[${SPACE_RANGES}]`, inside: SPACE_RANGES, codePoint: undefined, end };
  if (char === 'S') return { outside: `[${NOT_SPACE_RANGES}]`, inside: NOT_SPACE_RANGES, codePoint: undefined, end };
  if (char === 'b') return { outside: '\\b', inside: '\\x{8}', codePoint: 8, end };
  if (char === 'B') return { outside: '\\B', inside: 'B', codePoint: 0x42, end };
  if (unicode && (char === 'p' || char === 'P')) return property(source, at);
  if (/[1-9]/.test(char) || (char === 'k' && (unicode || source.includes('(?<')))) {
    throw new PatternError(source, `Invalid regular expression: /${source}/: backreference is not supported`);
  }
  const control = CONTROL[char];
  if (control !== undefined) return character(control, end);
  return numeric(source, at, unicode) ?? character(char.codePointAt(0) ?? 0, end);
}

/** @returns A code point in the engine's syntax: in hexadecimal, so that it never means anything else. */
export function hexadecimal(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}

function character(codePoint: number, end: number): Escape {
  return { outside: hexadecimal(codePoint), inside: hexadecimal(codePoint), codePoint, end };
}

/** `\x41`, `\u0041`, `\u{1F600}`, `\cA`; undefined when the letter stands for itself. */
function numeric(source: string, at: number, unicode: boolean): Escape | undefined {
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const pair = read(SURROGATE_PAIR);
  if (pair) {
    const text = String.fromCharCode(parseInt(pair[1] ?? '', 16), parseInt(pair[2] ?? '', 16));
    return character(text.codePointAt(0) ?? 0, at + pair[0].length);
  }
  const digits = read(HEX) ?? read(CODE_UNIT) ?? (unicode ? read(CODE_POINT) : null);
  if (digits) return character(parseInt(digits[1] ?? '', 16), at + digits[0].length);
  const letter = read(CONTROL_LETTER);
  return letter ? character((letter[1] ?? '').charCodeAt(0) % 32, at + letter[0].length) : undefined;
}

/** `\p{L}`, `\p{Script=Greek}`: the engine knows general categories and scripts by their plain names. */
function property(source: string, at: number): Escape {
  PROPERTY.lastIndex = at;
  const [written, name] = PROPERTY.exec(source) ?? ['', ''];
  const plain = (name ?? '').replace(/^(?:Script|sc|Script_Extensions|scx|General_Category|gc)=/, '');
  const pattern = `\\${source[at] ?? 'p'}{${plain}}`;
  return { outside: pattern, inside: pattern, codePoint: undefined, end: at + written.length };
}
