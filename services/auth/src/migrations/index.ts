import type { Migrations } from '@handover/database';
import * as initial from './0001-signing-keys.js';

export const migrations: Migrations = {
  '0001-signing-keys': initial,
};
