import type { Migrations } from '@handover/database';
import * as initial from './0001-signing-keys.js';
import * as apiKeys from './0002-accounts-api-keys.js';
import * as outbox from './0003-outbox.js';

export const migrations: Migrations = {
  '0001-signing-keys': initial,
  '0002-accounts-api-keys': apiKeys,
  '0003-outbox': outbox,
};
