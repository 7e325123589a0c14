import type { Migrations } from '@handover/database';
import * as initial from './0001-scenarios-processes-outbox.js';
import * as timers from './0002-timers.js';
import * as incidents from './0003-incidents.js';
import * as idempotency from './0004-idempotency.js';

export const migrations: Migrations = {
  '0001-scenarios-processes-outbox': initial,
  '0002-timers': timers,
  '0003-incidents': incidents,
  '0004-idempotency': idempotency,
};
