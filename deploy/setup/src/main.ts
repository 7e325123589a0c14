import { createLogger, loadConfigOrExit, obeyArguments } from '@handover/runtime';
import { setupConfig } from './config.js';
import { setUp } from './setup.js';

obeyArguments('setup', setupConfig, process.argv.slice(2));
const config = loadConfigOrExit(setupConfig);
const log = createLogger('setup', config.LOG_LEVEL);
try {
  const urls = await setUp(config, log);
  for (const [service, url] of Object.entries(urls)) {
    log.info({ service, role: decodeURIComponent(new URL(url).username) }, 'the database is ready for the service');
  }
} catch (error) {
  log.fatal({ err: error }, 'the database could not be set up');
  process.exitCode = 1;
}
