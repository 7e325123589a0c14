import { migrate } from '@handover/database';
import { runMigrations } from '@handover/runtime';
import { migrations } from './migrations/index.js';

await runMigrations('notifier', async (url, log) => {
  await migrate({ url, schema: 'notifier', migrations, log });
});
