/** One match, as `RegExp.prototype.exec` gives it. */
export interface PatternMatch {
  /** The whole match, then one text per group; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
  /** The named groups, or undefined when the pattern has none. */
  readonly named: Readonly<Record<string, string | undefined>> | undefined;
  /** Where the match starts and ends, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}
