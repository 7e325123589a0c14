import type { Migrations } from '@handover/database';
import * as webhooksAndDeliveries from './0001-webhooks-and-deliveries.js';

/** Every migration of the schema `notifier`. A released one is never changed. */
export const migrations: Migrations = { '0001-webhooks-and-deliveries': webhooksAndDeliveries };
