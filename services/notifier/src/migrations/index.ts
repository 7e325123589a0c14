import type { Migrations } from '@handover/database';
import * as webhooksAndDeliveries from './0001-webhooks-and-deliveries.js';
import * as services from './0002-services.js';
import * as webhookChanges from './0003-webhook-changes.js';
import * as webhookSigning from './0004-webhook-signing.js';
import * as webhookHeaders from './0005-webhook-headers.js';
import * as disabledWebhooks from './0006-disabled-webhooks.js';
import * as attemptsWithoutKey from './0007-attempts-without-key.js';
import * as lookedUpByKey from './0008-looked-up-by-key.js';
import * as dueByTarget from './0009-due-by-target.js';

/** Every migration of the schema `notifier`. A released one is never changed. */
export const migrations: Migrations = {
  '0001-webhooks-and-deliveries': webhooksAndDeliveries,
  '0002-services': services,
  '0003-webhook-changes': webhookChanges,
  '0004-webhook-signing': webhookSigning,
  '0005-webhook-headers': webhookHeaders,
  '0006-disabled-webhooks': disabledWebhooks,
  '0007-attempts-without-key': attemptsWithoutKey,
  '0008-looked-up-by-key': lookedUpByKey,
  '0009-due-by-target': dueByTarget,
};
