import { openDatabase } from '@handover/database';
import { createLogger, loadConfigOrExit } from '@handover/runtime';
import { z } from 'zod';
import { storeFirstKey } from './api-keys/first-key.js';
import { newToken } from './api-keys/token.js';
import { authConfig } from './config.js';
import type { AuthSchema } from './database.js';

/**
 * Makes the first API key of the default tenant and prints its token, this once. With `--print` it only makes a token, for
 * BOOTSTRAP_API_KEY, and needs no installation for it. Exits 1 when there is a key already: the first key is for an empty database only.
 */
if (process.argv.includes('--print')) {
  const { API_KEY_PREFIX } = loadConfigOrExit(z.object({ API_KEY_PREFIX: authConfig.shape.API_KEY_PREFIX }));
  process.stdout.write(`${newToken(API_KEY_PREFIX)}\n`);
} else {
  const config = loadConfigOrExit(authConfig);
  const log = createLogger('auth-bootstrap', 'silent');
  const database = openDatabase<AuthSchema>({ url: config.DATABASE_URL, applicationName: 'handover-auth-bootstrap' });
  try {
    const token = newToken(config.API_KEY_PREFIX);
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
