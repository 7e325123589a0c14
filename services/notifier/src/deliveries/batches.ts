/** Does an item's share of the work. @throws what its batch, or it alone, failed with */
export type Batched<Item, Result> = (group: string, item: Item) => Promise<Result>;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Deliveries that share a statement. */
export const MOST_TOGETHER = 256;

export interface BatchOptions {
  /** Items in a batch. */
  readonly most?: number;
  /**
   * From the beginning of a batch to that of the next of its group, in milliseconds, unless that is full. Where items come one
   * after the other, each round trip would have but a few.
   */
  readonly apartMs?: number;
}

/**
 * Lets items that wait at the same moment share the work: one batch of a group at a time, and the next has whatever came in
 * meanwhile, so its size follows the load. A lone item waits for nothing. When a batch fails, each of its items is tried alone, so
 * that one cannot spoil it for the others.
 * @param work returns a result for each item, in their order
 */
export function createBatches<Item, Result>(
  work: (group: string, items: readonly Item[]) => Promise<readonly Result[]>,
  { most = MOST_TOGETHER, apartMs = 0 }: BatchOptions = {},
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
    while (queue.length > 0) {
      const apart = apartMs > 0 ? new Promise((resolve) => setTimeout(resolve, apartMs)) : undefined;
      await carryOut(group, queue.splice(0, most));
      if (queue.length < most) await apart;
    }
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
