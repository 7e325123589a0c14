import { runService } from '@handover/runtime';
import { startAuth } from './app.js';
import { authConfig } from './config.js';

await runService({
  name: 'auth',
  config: authConfig,
  start: ({ config, ...ports }) => startAuth(config, ports),
});
