import { readConfig } from '../config.js';
import { run } from '../run.js';

/** The launcher on services and examples of a test: `launcher.fixture.ts <services> <examples>`. */
const [, , servicesDirectory = '', examplesDirectory = ''] = process.argv;
await run({
  config: readConfig(process.env),
  servicesDirectory,
  examplesDirectory,
  restart: { firstMs: 50, longestMs: 200, stableMs: 60_000 },
});
