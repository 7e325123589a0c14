/** A regular expression that is malformed, or asks for what a linear-time engine cannot do. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  /** The pattern as written. */
  readonly pattern: string;

  constructor(pattern: string, message: string) {
    super(message);
    this.pattern = pattern;
  }
}
