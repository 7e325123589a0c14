import type { Limits } from './limits.js';

/** Gives a place back. Once. */
export type Leave = () => void;

/** The places for attempts of this process, and who has them. */
export interface Places {
  /** How many are free, whoever they may be for. */
  readonly free: number;
  /** Target → how many it has. */
  readonly inHand: ReadonlyMap<string, number>;
  /** Targets that have all they may. */
  full(): string[];
  /** Takes a place without asking. */
  take(target: string): Leave;
  /**
   * Takes a place for what is new, in the order of asking. A part of them is left for what has been waiting elsewhere.
   * @returns undefined when there is none within so many milliseconds, or it was dismissed
   */
  takeForNew(target: string, withinMs: number): Promise<Leave | undefined>;
  /** What is new waits for places of this target no longer. */
  dismiss(target: string): void;
}

/** What is new gets so much of all places, and of a target's: what has waited needs few, as it is mostly what is slow. */
const FOR_NEW = 3 / 4;
const FOR_NEW_EACH = 7 / 8;

type Waiting = (leave: Leave | undefined) => void;

/** @param most places in all; how many are for one target, `limits` knows */
export function createPlaces(most: number, limits: Pick<Limits, 'first' | 'concurrency'>): Places {
  const inHand = new Map<string, number>();
  const waiting = new Map<string, Set<Waiting>>();
  let taken = 0;

  const mostOf = (target: string): number => limits.concurrency.get(target) ?? limits.first;
  const hasRoomForNew = (target: string): boolean =>
    taken < Math.ceil(most * FOR_NEW) &&
    (inHand.get(target) ?? 0) < Math.max(1, Math.floor(mostOf(target) * FOR_NEW_EACH));

  const take = (target: string): Leave => {
    taken++;
    inHand.set(target, (inHand.get(target) ?? 0) + 1);
    return () => {
      taken--;
      const left = (inHand.get(target) ?? 1) - 1;
      if (left === 0) inHand.delete(target);
      else inHand.set(target, left);
      seat();
    };
  };

  const seat = (): void => {
    for (const [target, queue] of waiting) {
      for (const resolve of queue) {
        if (!hasRoomForNew(target)) break;
        queue.delete(resolve);
        resolve(take(target));
      }
      if (queue.size === 0) waiting.delete(target);
    }
  };

  return {
    get free() {
      return most - taken;
    },
    inHand,
    full: () => [...inHand].filter(([target, count]) => count >= mostOf(target)).map(([target]) => target),
    take,
    takeForNew(target, withinMs) {
      const queue = waiting.get(target) ?? new Set<Waiting>();
      if (queue.size === 0 && hasRoomForNew(target)) return Promise.resolve(take(target));
      waiting.set(target, queue);
      return new Promise((resolve) => {
        const settle: Waiting = (leave) => {
          clearTimeout(timer);
          resolve(leave);
        };
        const timer = setTimeout(() => {
          queue.delete(settle);
          if (queue.size === 0 && waiting.get(target) === queue) waiting.delete(target);
          settle(undefined);
        }, withinMs);
        queue.add(settle);
      });
    },
    dismiss(target) {
      const queue = waiting.get(target);
      waiting.delete(target);
      for (const resolve of queue ?? []) resolve(undefined);
    },
  };
}
