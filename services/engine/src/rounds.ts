import type { Logger } from '@handover/runtime';

export interface Rounds {
  /** Says that there is work. Never blocks, never throws. */
  wake(): void;
  /** Finishes the round in hand. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Work in the background, a bounded piece at a time: as long as a round says that there is more it is followed by the next,
 * otherwise by a pause. A round that fails is logged and tried again after the pause.
 * @param name of the work, for the log
 * @param round does a piece of it and returns whether there is more
 */
export function startRounds(name: string, round: () => Promise<boolean>, pauseMs: number, log: Logger): Rounds {
  let stopping = false;
  let awake = false;
  let rouse: () => void = () => undefined;

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      if (awake || stopping) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, pauseMs);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopping) {
      awake = false;
      try {
        if (await round()) continue;
      } catch (error) {
        log.error({ err: error }, `${name}: a round failed`);
      }
      await pause();
    }
  };

  const running = run();
  return {
    wake() {
      awake = true;
      rouse();
    },
    stop() {
      stopping = true;
      rouse();
      return running;
    },
  };
}
