import type { Budget } from '../../budget.js';
import { ExpressionError } from '../error.js';
import { number, optional, string } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';
import { codePointLength, codePoints } from './code-points.js';
import { nonNegativeInteger } from './integers.js';

const TRIM = [string, optional(string)] as const;
const PAD = [string, number, optional(string)] as const;

/** Functions that add or take characters at the ends of a string. Source: jmespath.md §3. */
export const PADDING_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  trim: defineFunction(TRIM, ([text, chars], budget) => trim(text, chars, true, true, budget)),
  trim_left: defineFunction(TRIM, ([text, chars], budget) => trim(text, chars, true, false, budget)),
  trim_right: defineFunction(TRIM, ([text, chars], budget) => trim(text, chars, false, true, budget)),
  pad_left: defineFunction(PAD, ([text, width, pad], budget) => padding('pad_left', text, width, pad, budget) + text),
  pad_right: defineFunction(PAD, ([text, width, pad], budget) => text + padding('pad_right', text, width, pad, budget)),
};

/** White space of Unicode and of JavaScript: `\s`, and U+0085. */
const WHITE_SPACE = /[\s\u0085]/;

/** @param chars The set of characters to take away: white space when left out or empty. */
function trim(text: string, chars: string | undefined, left: boolean, right: boolean, budget: Budget): string {
  budget.charge(text.length / 4);
  const set = chars ? new Set(codePoints(chars)) : undefined;
  const goes = (char: string | undefined): boolean =>
    char !== undefined && (set ? set.has(char) : WHITE_SPACE.test(char));
  const points = codePoints(text);
  let [start, end] = [0, points.length];
  if (left) while (start < end && goes(points[start])) start++;
  if (right) while (end > start && goes(points[end - 1])) end--;
  return points.slice(start, end).join('');
}

/** @returns What has to be added to make a text that many code points wide; nothing is added to an empty text. */
function padding(name: string, text: string, width: number, pad = ' ', budget: Budget): string {
  const wanted = nonNegativeInteger(width);
  if (pad.length > 1) {
    throw new ExpressionError(
      `invalid value, ${name} expects its 'pad' parameter to be a valid string with a single codepoint`,
    );
  }
  const missing = text === '' ? 0 : Math.max(wanted - codePointLength(text), 0);
  budget.chargeText(text.length + missing);
  return (pad || ' ').repeat(missing);
}
