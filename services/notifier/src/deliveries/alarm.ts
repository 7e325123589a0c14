/** Wakes a loop. A ring that comes while nobody waits is kept for the next wait, so none is missed. */
export interface Alarm {
  ring(): void;
  /** Resolves when rung, or after `ms` milliseconds. One waiter at a time. */
  wait(ms: number): Promise<void>;
}

export function createAlarm(): Alarm {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      wake = undefined;
    },
  };
}
