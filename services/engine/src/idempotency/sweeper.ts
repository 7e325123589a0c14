import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import { forgetCommands } from '../commands/posted-command.repository.js';
import type { EngineSchema } from '../database.js';
import { forgetAnswers } from './idempotency.repository.js';

const BATCH = 5_000;
const PAUSE_MS = 10 * 60_000;

/** Forgets answers that nobody will ask for again, and the commands they belong to, in bounded batches, every ten minutes. */
export function startSweeper(db: Kysely<EngineSchema>, log: Logger, keepHours: number): { stop(): Promise<void> } {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> = Promise.resolve();

  const sweep = async (): Promise<void> => {
    try {
      while (!stopping && (await forgetAnswers(db, keepHours, BATCH)) === BATCH);
      while (!stopping && (await forgetCommands(db, keepHours, BATCH)) === BATCH);
    } catch (error) {
      log.warn({ err: error }, 'old answers cannot be forgotten');
    }
    if (!stopping) plan(PAUSE_MS);
  };

  const plan = (delayMs: number): void => {
    timer = setTimeout(() => {
      inHand = sweep();
    }, delayMs);
  };

  plan(0);
  return {
    stop() {
      stopping = true;
      clearTimeout(timer);
      return inHand;
    },
  };
}
