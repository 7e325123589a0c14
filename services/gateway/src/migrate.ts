import { migrate } from '@handover/database';
import { runMigrations } from '@handover/runtime';
import { migrations } from './migrations/index.js';

await runMigrations('gateway', async (url, log) => {
  await migrate({ url, schema: 'gateway', migrations, log });
});
