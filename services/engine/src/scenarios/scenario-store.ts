import { compile, schemaRegistry, type CompiledScenario, type NormalizedScenario } from '@handover/scenario';
import { HandoverError } from '@handover/contracts';
import QuickLRU from 'quick-lru';
import type { Transaction } from 'kysely';
import type { EngineSchema } from '../database.js';
import { findScenario, schemasKeptWith } from './scenario.repository.js';

/** Compiled scenarios, kept by tenant and id. An id names one document for ever, so an entry never goes stale. */
export interface ScenarioStore {
  /** @throws HandoverError `internal` when a process refers to a scenario that is not there */
  compiled(tx: Transaction<EngineSchema>, tenant: string, id: string): Promise<CompiledScenario>;
}

export function createScenarioStore(maxSize: number): ScenarioStore {
  const cache = new QuickLRU<string, CompiledScenario>({ maxSize });
  return {
    async compiled(tx, tenant, id) {
      const key = `${tenant}/${id}`;
      const known = cache.get(key);
      if (known) return known;
      const found = await findScenario(tx, id);
      if (!found)
        throw new HandoverError('internal', 'A scenario that is in use is missing', { cause: new Error(key) });
      // Stored documents were validated and normalised on their way in.
      const scenario = compile(
        { ...(found.normalised as unknown as NormalizedScenario), id },
        { schemas: schemaRegistry(await schemasKeptWith(tx, id)) },
      );
      cache.set(key, scenario);
      return scenario;
    },
  };
}
