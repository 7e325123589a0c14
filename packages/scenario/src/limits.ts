/**
 * Bounds on everything a scenario's author or a step's caller can make the language do.
 * Crossing one is a {@link LimitExceeded}, never a hang and never a crash.
 */
export interface Limits {
  /** Longest JMESPath expression, in UTF-16 units. */
  readonly expressionLength: number;
  /** Deepest nesting of an expression's syntax tree. */
  readonly expressionDepth: number;
  /** Most work one evaluation may do, in steps (about one per node visited and per element touched). */
  readonly expressionSteps: number;
  /** Largest result of one expression or template, in UTF-16 units of its JSON text. */
  readonly outputSize: number;
  /** Longest regular expression, in UTF-16 units. */
  readonly patternLength: number;
  /** Longest Mustache template, in UTF-16 units. */
  readonly templateLength: number;
  /** Deepest nesting of any JSON or YAML document. */
  readonly documentDepth: number;
  /** Largest authored document, in UTF-16 units. */
  readonly documentLength: number;
}

/** Generous for people, tight for attackers: each bound ends a hostile input within 50 ms of CPU. */
export const DEFAULT_LIMITS: Limits = {
  expressionLength: 10_000,
  expressionDepth: 200,
  expressionSteps: 100_000,
  outputSize: 1_000_000,
  patternLength: 1_000,
  templateLength: 100_000,
  documentDepth: 128,
  documentLength: 1_048_576,
};

/** An input asked for more than {@link Limits} allows. `limit` names the bound that was crossed. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
  readonly limit: keyof Limits;

  constructor(limit: keyof Limits, message: string) {
    super(message);
    this.limit = limit;
  }
}
