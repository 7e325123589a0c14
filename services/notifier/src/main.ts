import { runService } from '@handover/runtime';
import { startNotifier } from './app.js';
import { notifierConfig } from './config.js';

await runService({
  name: 'notifier',
  config: notifierConfig,
  start: ({ config, ...ports }) => startNotifier(config, ports),
});
