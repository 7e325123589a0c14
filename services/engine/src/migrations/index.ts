import type { Migrations } from '@handover/database';
import * as initial from './0001-scenarios-processes-outbox.js';

export const migrations: Migrations = {
  '0001-scenarios-processes-outbox': initial,
};
