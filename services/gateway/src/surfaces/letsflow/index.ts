import {
  listDemoAccounts,
  listSharedSchemas,
  systemOperations as operations,
  type SystemInfo,
} from '@handover/contracts';
import { implement, type Implementation } from '../../http/operation.js';
import type { Watches } from '../../live/watches.js';
import { apiKeys } from './apikeys.js';
import { processLists } from './process-lists.js';
import { processes } from './processes.js';
import { scenarios } from './scenarios.js';

/** The LetsFlow REST API. */
export function letsflow(info: Omit<SystemInfo, 'schemas'>, watches: Watches): readonly Implementation[] {
  return [
    implement(operations.root, async () => ({ status: 302, headers: { Location: '/api-docs' } })),
    implement(operations.info, async ({ ask }) => ({
      status: 200,
      body: { ...info, schemas: (await ask(listSharedSchemas, {})).ids },
    })),
    implement(operations.demoAccounts, async ({ ask }) => ({
      status: 200,
      body: (await ask(listDemoAccounts, {})).accounts,
    })),
    ...scenarios,
    ...processLists,
    ...processes(watches),
    ...apiKeys,
  ];
}
