import { withTenant } from '@handover/database';
import type { Logger } from '@handover/runtime';
import type { Kysely } from 'kysely';
import type { AuthSchema } from '../database.js';
import { noteUses } from './api-key.repository.js';

/** Remembers when keys were used and writes it down now and then, many at a time. */
export interface LastUsed {
  note(tenant: string, key: string): void;
  /** Writes what is left and ends. */
  stop(): Promise<void>;
}

/** @param intervalMs between two writes; what happened since the last one is lost when the process dies */
export function createLastUsed(db: Kysely<AuthSchema>, log: Logger, intervalMs: number): LastUsed {
  let noted = new Map<string, Map<string, Date>>();

  const flush = async (): Promise<void> => {
    const uses = noted;
    noted = new Map();
    for (const [tenant, keys] of uses) {
      try {
        await withTenant(db, tenant, (tx) => noteUses(tx, keys));
      } catch (error) {
        log.warn({ err: error, tenant, keys: keys.size }, 'the last use of keys was not written down');
      }
    }
  };

  let writing = Promise.resolve();
  const timer = setInterval(() => {
    writing = writing.then(flush);
  }, intervalMs);
  timer.unref();

  return {
    note(tenant, key) {
      const keys = noted.get(tenant) ?? new Map<string, Date>();
      noted.set(tenant, keys.set(key, new Date()));
    },
    async stop() {
      clearInterval(timer);
      await writing;
      await flush();
    },
  };
}
