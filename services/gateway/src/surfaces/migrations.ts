import {
  getMigration,
  listMigrationProcesses,
  listMigrations,
  migrationOperations as operations,
  startMigration,
} from '@handover/contracts';
import { implement, type Implementation } from '../http/operation.js';

/** `/migrations`: taking processes to another scenario, and what came of each. */
export const migrations: readonly Implementation[] = [
  implement(operations.start, async ({ body, ask }) => {
    const begun = await ask(startMigration, body);
    return { status: 202, body: begun, headers: { Location: `/migrations/${begun.id}` } };
  }),

  implement(operations.list, async ({ ask }) => ({ status: 200, body: (await ask(listMigrations, {})).migrations })),

  implement(operations.get, async ({ params, ask }) => ({ status: 200, body: await ask(getMigration, params) })),

  implement(operations.processes, async ({ params: { id }, query, ask }, context) => {
    const { processes, next } = await ask(listMigrationProcesses, { id, ...query });
    if (next === undefined) return { status: 200, body: processes };
    const page = new URLSearchParams({ ...context.req.query(), after: next });
    return { status: 200, body: processes, headers: { Link: `<${context.req.path}?${page.toString()}>; rel="next"` } };
  }),
];
