import { fromSnapshot, toSnapshot, type LogEntry, type Process, type ProcessEvent } from '@handover/process';
import type { ProcessSnapshot } from '@handover/process';
import type { Transaction } from 'kysely';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { EngineSchema } from '../database.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';

type Tx = Transaction<EngineSchema>;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

interface Content {
  readonly snapshot: ProcessSnapshot;
  readonly events: readonly ProcessEvent[];
  readonly previous: readonly LogEntry[];
}

/** Writes a process with its history into the archive. */
export async function archive(tx: Tx, tenant: string, process: Process): Promise<void> {
  if (!process.history) throw new Error('a process is archived with its history');
  const { events, previous } = process.history;
  const content: Content = {
    snapshot: toSnapshot(process),
    events: events.toArray(),
    previous: previous.toArray(),
  };
  const row = {
    tenant,
    id: process.id,
    scenario: process.scenario.id,
    content: await compress(JSON.stringify(content)),
  };
  await tx.insertInto('archived_processes').values(row).execute();
}

/** A process that was archived, always with its history. */
export async function loadArchived(
  tx: Tx,
  scenarios: ScenarioStore,
  tenant: string,
  id: string,
): Promise<Process | undefined> {
  const row = await tx
    .selectFrom('archived_processes')
    .select(['scenario', 'content'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { snapshot, ...history } = JSON.parse((await decompress(row.content)).toString('utf8')) as Content;
  return fromSnapshot(await scenarios.compiled(tx, tenant, row.scenario), snapshot, history);
}
