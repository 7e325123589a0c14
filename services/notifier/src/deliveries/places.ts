import type { Limits } from './limits.js';

/** Gives a place back. Once. */
export type Leave = () => void;

/** The places for attempts of this process, and who has them. */
export interface Places {
  /** How many are free, whoever they may be for. */
  readonly free: number;
  /** How many are free for targets that are not prompt; 0 or less: none. */
  readonly freeForSlow: number;
  /** Target → how many it has. */
  readonly inHand: ReadonlyMap<string, number>;
  /** Targets that get no more for now. */
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
/** Those that are not prompt get so much of all places, together: however many hang, the others are quick to find one. */
const FOR_SLOW = 1 / 2;

type Waiting = (leave: Leave | undefined) => void;

/** @param most places in all; how many are for one target, `limits` knows */
export function createPlaces(most: number, limits: Pick<Limits, 'first' | 'concurrency' | 'slow'>): Places {
  const inHand = new Map<string, number>();
  const waiting = new Map<string, Set<Waiting>>();
  let taken = 0;

  const mostOf = (target: string): number => limits.concurrency.get(target) ?? limits.first;
  const hasRoomForNew = (target: string): boolean =>
    taken < Math.ceil(most * FOR_NEW) &&
    (inHand.get(target) ?? 0) < Math.max(1, Math.floor(mostOf(target) * FOR_NEW_EACH));

  const freeForSlow = (): number => {
    let held = 0;
    for (const [target, count] of inHand) if (limits.slow.has(target)) held += count;
    return Math.max(1, Math.floor(most * FOR_SLOW)) - held;
  };

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
    get freeForSlow() {
      return freeForSlow();
    },
    inHand,
    full() {
      const full = [...inHand].filter(([target, count]) => count >= mostOf(target)).map(([target]) => target);
      return freeForSlow() > 0 ? full : [...full, ...limits.slow];
    },
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
