/** Does an item's share of the work. @throws what its batch, or it alone, failed with */
export type Batched<Item, Result> = (group: string, item: Item) => Promise<Result>;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Deliveries that share a statement. */
export const MOST_TOGETHER = 256;

/**
 * Lets items that wait at the same moment share the work: one batch of a group at a time, and the next has whatever came in
 * meanwhile, so its size follows the load. A lone item waits for nothing. When a batch fails, each of its items is tried alone, so
 * that one cannot spoil it for the others.
 * @param work returns a result for each item, in their order
 * @param most items in a batch
 */
export function createBatches<Item, Result>(
  work: (group: string, items: readonly Item[]) => Promise<readonly Result[]>,
  most = MOST_TOGETHER,
): Batched<Item, Result> {
  const groups = new Map<string, Waiting<Item, Result>[]>();

  const carryOut = async (group: string, batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await work(
        group,
        batch.map(({ item }) => item),
      );
      for (const [n, { resolve }] of batch.entries()) resolve(results[n] as Result);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) await carryOut(group, [one]);
    }
  };

  const drain = async (group: string, queue: Waiting<Item, Result>[]): Promise<void> => {
    while (queue.length > 0) await carryOut(group, queue.splice(0, most));
    groups.delete(group);
  };

  return (group, item) =>
    new Promise((resolve, reject) => {
      const entry = { item, resolve, reject };
      const queue = groups.get(group);
      if (queue) {
        queue.push(entry);
        return;
      }
      const started = [entry];
      groups.set(group, started);
      void drain(group, started);
    });
}
