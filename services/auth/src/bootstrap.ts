import { openDatabase } from '@handover/database';
import { createLogger, loadConfigOrExit } from '@handover/runtime';
import { storeFirstKey } from './api-keys/first-key.js';
import { newToken } from './api-keys/token.js';
import { authConfig } from './config.js';
import type { AuthSchema } from './database.js';

/**
 * Makes the first API key of the default tenant and prints its token, this once. With `--print` it only makes a token, for
 * BOOTSTRAP_API_KEY. Exits 1 when there is a key already: the first key is for an empty database only.
 */
const config = loadConfigOrExit(authConfig);
const token = newToken(config.API_KEY_PREFIX);

if (process.argv.includes('--print')) {
  process.stdout.write(`${token}\n`);
} else {
  const log = createLogger('auth-bootstrap', 'silent');
  const database = openDatabase<AuthSchema>({ url: config.DATABASE_URL, applicationName: 'handover-auth-bootstrap' });
  try {
    if (await storeFirstKey(database.db, log, token, config.DEFAULT_TENANT)) {
      process.stdout.write(`${token}\n`);
    } else {
      process.stderr.write('There is an API key already; nothing was made.\n');
      process.exitCode = 1;
    }
  } finally {
    await database.close();
  }
}
