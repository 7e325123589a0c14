import { RE2JS, type Matcher } from 're2js';

import { Budget } from '../budget.js';
import { DEFAULT_LIMITS, LimitExceeded, type Limits } from '../limits.js';
import { PatternError } from './error.js';
import type { PatternMatch } from './match.js';
import { MeteredText } from './metered-text.js';
import { replaceMatches } from './replacement.js';
import { translate } from './translate.js';

/** The largest program, and the largest product of program and text, the engine backtracks for. */
const BACKTRACK_SIZE = 500;
const BACKTRACK_TABLE = 262_144;
/** Bytes of states the fast automaton of one pattern may keep. */
const STATE_MEMORY = 262_144;
/** Compiled patterns kept for the next time they are asked for. */
const CACHE_SIZE = 100;
const cache = new Map<string, Pattern>();

/**
 * Compiles a JavaScript regular expression for an engine that runs in linear time. Compiled patterns are cached.
 *
 * @param source The pattern, without slashes.
 * @param flags Any of `gimsuy`, each at most once.
 * @throws {PatternError} when the syntax is wrong, or needs what no linear-time engine has: lookaround, backreferences.
 * @throws {LimitExceeded} when the pattern is longer than `patternLength`, or repeats itself to more than three times that.
 */
export function compilePattern(source: string, flags = '', limits: Limits = DEFAULT_LIMITS): Pattern {
  if (source.length > limits.patternLength) throw tooLong(limits);
  const key = `${limits.patternLength}/${flags}/${source}`;
  const known = cache.get(key);
  // Taken out and put back at the end: the first of the map is the one not used for longest.
  cache.delete(key);
  const pattern = known ?? new Pattern(source, flags, compileEngine(source, flags, limits));
  cache.set(key, pattern);
  const [oldest] = cache.keys();
  if (cache.size > CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
  return pattern;
}

function compileEngine(source: string, flags: string, limits: Limits): RE2JS {
  try {
    // JavaScript's own parser decides what is well-formed, and says what is not. Nothing is matched with it.
    new RegExp(source, flags);
    const { pattern, size } = translate(source, flags);
    if (size > 3 * limits.patternLength) throw tooLong(limits);
    return withLittleMemory(RE2JS.compile(pattern, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0));
  } catch (error) {
    if (error instanceof LimitExceeded || error instanceof PatternError) throw error;
    throw new PatternError(source, error instanceof Error ? error.message : String(error));
  }
}

/** The engine's fast automaton keeps the states it has met: 8 MB of them by default, too much for each of many patterns. */
function withLittleMemory(engine: RE2JS): RE2JS {
  const { dfa } = engine.re2();
  dfa.stateBudget = STATE_MEMORY;
  dfa.memBudget = STATE_MEMORY;
  return engine;
}

function tooLong(limits: Limits): LimitExceeded {
  return new LimitExceeded(
    'patternLength',
    `Pattern is longer than ${limits.patternLength} characters, or repeats too much`,
  );
}

/** Texts up to this many characters times instructions are matched by the fast engine, without counting. */
const SMALL = 20_000;

/** A compiled regular expression: stateless, safe against any text. */
export class Pattern {
  readonly source: string;
  readonly flags: string;
  /** How many instructions the pattern was compiled to. */
  readonly size: number;
  readonly #engine: RE2JS;

  /** Use {@link compilePattern}. */
  constructor(source: string, flags: string, engine: RE2JS) {
    this.source = source;
    this.flags = flags;
    this.#engine = engine;
    this.size = engine.programSize();
  }

  /**
   * @returns Whether the pattern matches anywhere in the text (with the flag `y`, at its start).
   * @throws {LimitExceeded} when that takes more work than the budget has.
   */
  test(text: string, budget: Budget = new Budget(DEFAULT_LIMITS)): boolean {
    const size = text.length * this.size;
    if (size > SMALL || this.flags.includes('y')) return this.exec(text, budget) !== null;
    budget.charge(1 + size / 8);
    return this.#engine.test(text);
  }

  /** @returns The first match, or null. @throws {LimitExceeded} as {@link test}. */
  exec(text: string, budget: Budget = new Budget(DEFAULT_LIMITS)): PatternMatch | null {
    for (const match of this.#matches(text, budget)) return match;
    return null;
  }

  /** @returns All matches from left to right, whether or not the flags have `g`. @throws {LimitExceeded} as {@link test}. */
  matchAll(text: string, budget: Budget = new Budget(DEFAULT_LIMITS)): PatternMatch[] {
    return Array.from(this.#matches(text, budget));
  }

  /**
   * Replaces the first match, or with the flag `g` all of them.
   *
   * @param replacement Text with JavaScript's replacement patterns: `$$ $& $1 $<name>` and so on.
   * @throws {LimitExceeded} as {@link test}, or when the result would be longer than `outputSize`.
   */
  replace(text: string, replacement: string, budget: Budget = new Budget(DEFAULT_LIMITS)): string {
    if (this.flags.includes('g')) return replaceMatches(text, this.matchAll(text, budget), replacement, budget);
    const match = this.exec(text, budget);
    return match ? replaceMatches(text, [match], replacement, budget) : text;
  }

  *#matches(text: string, budget: Budget): Generator<PatternMatch> {
    const metered = new MeteredText(text, budget, this.#stepsPerLook(text.length));
    // The engine takes string objects; its types say so of plain strings only.
    const matcher = this.#engine.matcher(metered as unknown as string);
    const sticky = this.flags.includes('y');
    let position = 0;
    while (position <= text.length) {
      // Setting up a search clears a table of a few thousand entries.
      budget.charge(12);
      if (!matcher.find(position) || (sticky && matcher.start() !== position)) return;
      const match = this.#read(text, matcher);
      yield match;
      // After an empty match the next search starts one character on.
      position = match.end > match.start ? match.end : match.end + widthAt(text, match.end);
    }
  }

  /**
   * A backtracking engine does about sixty nanoseconds of work for a look, whatever the pattern. For texts too long for
   * it there is an engine that follows all ways through the pattern at once, and keeps the groups of each.
   */
  #stepsPerLook(length: number): number {
    if (this.size <= BACKTRACK_SIZE && this.size * length <= BACKTRACK_TABLE) return 1 / 8;
    return (1 + (this.size * (4 + this.#engine.groupCount())) / 48) / 8;
  }

  #read(text: string, matcher: Matcher): PatternMatch {
    const groups = Array.from({ length: this.#engine.groupCount() + 1 }, (_, group) => {
      const start = matcher.start(group);
      return start < 0 ? undefined : text.slice(start, matcher.end(group));
    });
    const named = Object.entries(this.#engine.namedGroups()).map(([name, group]) => [name, groups[group]] as const);
    return {
      groups,
      named: named.length > 0 ? Object.fromEntries(named) : undefined,
      start: matcher.start(),
      end: matcher.end(),
    };
  }
}

function widthAt(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
