import type { Budget } from '../../budget.js';
import { compilePattern, type Pattern, type PatternMatch } from '../../pattern/index.js';
import { ExpressionError } from '../error.js';
import { string } from '../parameters.js';
import { defineFunction, type FunctionDefinition } from '../registry.js';

/** Functions of regular expressions, written `/pattern/flags`. Source: jmespath.md §3.1. */
export const PATTERN_FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  regex_test: defineFunction([string, string], ([regex, text], budget) => patternOf(regex, budget).test(text, budget)),
  regex_match: defineFunction([string, string], ([regex, text], budget) => {
    const pattern = patternOf(regex, budget);
    if (pattern.flags.includes('g')) return pattern.matchAll(text, budget).map(({ groups }) => groups[0]);
    const match = pattern.exec(text, budget);
    return match ? groupsOf(match) : [];
  }),
  regex_match_all: defineFunction([string, string], ([regex, text], budget) =>
    patternOf(regex, budget).matchAll(text, budget).map(groupsOf),
  ),
  regex_replace: defineFunction([string, string, string], ([regex, replacement, text], budget) =>
    patternOf(regex, budget).replace(text, replacement, budget),
  ),
  regex_count: defineFunction(
    [string, string],
    ([regex, text], budget) => patternOf(regex, budget).matchAll(text, budget).length,
  ),
};

const REGEX = /^\/([^]*)\/([a-z]*)$/;
const FLAGS = /^[gimsuy]*$/;

/** The patterns an evaluation has used so far. */
const used = new WeakMap<Budget, Map<string, Pattern>>();

/**
 * Compiling counts as work once per evaluation, whether or not the pattern is in a cache: what an expression may do must
 * not depend on what was evaluated before.
 */
function patternOf(regex: string, budget: Budget): Pattern {
  const patterns = used.get(budget) ?? new Map<string, Pattern>();
  used.set(budget, patterns);
  const known = patterns.get(regex);
  if (known) return known;
  const pattern = parseRegex(regex, budget);
  budget.charge(100 + 8 * pattern.size);
  patterns.set(regex, pattern);
  return pattern;
}

function parseRegex(regex: string, budget: Budget): Pattern {
  const [, source, flags] = REGEX.exec(regex) ?? [];
  if (source === undefined || flags === undefined || !FLAGS.test(flags)) throw new ExpressionError('invalid-regex');
  return compilePattern(source, flags, budget.limits);
}

/** The whole match, then its groups; null for a group that took no part. */
function groupsOf(match: PatternMatch): (string | null)[] {
  return match.groups.map((group) => group ?? null);
}
