/** What the clients know of the steps they sent, each told apart by a number of its own. */
export interface Ledger {
  /** Steps that were answered with a yes: carried out once, whatever happens. */
  readonly acknowledged: Set<number>;
  /** Steps whose answer never came and that were not sent again: carried out once, or never. */
  readonly unknown: Set<number>;
}

export const newLedger = (): Ledger => ({ acknowledged: new Set(), unknown: new Set() });

/** How a process's history differs from what its client knows. */
export interface Difference {
  /** Acknowledged, and not there. */
  readonly lost: readonly number[];
  /** There more than once. */
  readonly doubled: readonly number[];
  /** There, though nobody sent it or it was refused. */
  readonly unheardOf: readonly number[];
}

/** @param there the numbers of the steps in a process's history, in any order */
export function difference({ acknowledged, unknown }: Ledger, there: readonly number[]): Difference {
  const found = new Set(there);
  return {
    lost: [...acknowledged].filter((number) => !found.has(number)),
    doubled: there.filter((number, i) => there.indexOf(number) !== i),
    unheardOf: there.filter((number) => !acknowledged.has(number) && !unknown.has(number)),
  };
}
