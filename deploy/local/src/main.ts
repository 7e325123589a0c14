import { fileURLToPath } from 'node:url';
import { readConfig } from './config.js';
import { run } from './run.js';

/** Both `src` and `dist` lie at the same depth. */
const below = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

await run({
  config: readConfig(process.env),
  servicesDirectory: below('services'),
  examplesDirectory: below('deploy/examples/scenarios'),
});
