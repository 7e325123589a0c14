import { TextBuilder, type Budget } from '../budget.js';
import type { PatternMatch } from './match.js';

/** `$$`, `$&`, `` $` ``, `$'`, `$1` to `$99`, `$<name>`. */
const REFERENCE = /\$(?:([$&`'])|(\d{1,2})|<([^>]*)>)/g;

/**
 * Replaces matches by a text with JavaScript's replacement patterns (ECMA-262 GetSubstitution).
 *
 * @param matches From left to right, not overlapping.
 * @throws {LimitExceeded} when the result would be longer than `outputSize`.
 */
export function replaceMatches(
  text: string,
  matches: readonly PatternMatch[],
  replacement: string,
  budget: Budget,
): string {
  const output = new TextBuilder(budget);
  let position = 0;
  for (const match of matches) {
    output.add(text.slice(position, match.start));
    expand(text, match, replacement, output);
    position = match.end;
  }
  output.add(text.slice(position));
  return output.toString();
}

function expand(text: string, match: PatternMatch, replacement: string, output: TextBuilder): void {
  let position = 0;
  for (const reference of replacement.matchAll(REFERENCE)) {
    output.add(replacement.slice(position, reference.index));
    output.add(resolve(text, match, reference));
    position = reference.index + reference[0].length;
  }
  output.add(replacement.slice(position));
}

/** @returns What a reference stands for; itself when it refers to nothing. */
function resolve(text: string, match: PatternMatch, reference: RegExpExecArray): string {
  const [written, symbol, digits, name] = reference;
  if (symbol !== undefined) return resolveSymbol(text, match, symbol);
  if (digits !== undefined) return resolveNumber(match, digits) ?? written;
  return match.named && name !== undefined ? (match.named[name] ?? '') : written;
}

function resolveSymbol(text: string, match: PatternMatch, symbol: string): string {
  switch (symbol) {
    case '&':
      return match.groups[0] ?? '';
    case '`':
      return text.slice(0, match.start);
    case "'":
      return text.slice(match.end);
    default:
      return '$';
  }
}

/** Two digits are one number only if there is such a group: with one group, `$10` is `$1` and a `0`. */
function resolveNumber({ groups }: PatternMatch, digits: string): string | undefined {
  const both = Number(digits);
  if (both > 0 && both < groups.length) return groups[both] ?? '';
  const first = Number(digits[0]);
  if (digits.length < 2 || first === 0 || first >= groups.length) return undefined;
  return `${groups[first] ?? ''}${digits.slice(1)}`;
}
