import { runService } from '@handover/runtime';
import { startEngine } from './app.js';
import { engineConfig } from './config.js';

await runService({
  name: 'engine',
  config: engineConfig,
  start: ({ config, ...ports }) => startEngine(config, ports),
});
