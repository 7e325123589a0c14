import { migrate } from '@handover/database';
import { runMigrations } from '@handover/runtime';
import { migrations } from './migrations/index.js';

await runMigrations('auth', async (url, log) => {
  await migrate({ url, schema: 'auth', migrations, log });
});
