import type { Migrations } from '@handover/database';
import * as registries from './0001-registries.js';

/** Every migration of the schema `gateway`. A released one is never changed. */
export const migrations: Migrations = { '0001-registries': registries };
