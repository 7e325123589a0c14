import type { Migrations } from '@handover/database';
import * as initial from './0001-scenarios-processes-outbox.js';
import * as timers from './0002-timers.js';
import * as incidents from './0003-incidents.js';
import * as idempotency from './0004-idempotency.js';
import * as processTerms from './0005-process-terms.js';
import * as processMigrations from './0006-process-migrations.js';
import * as retention from './0007-retention.js';
import * as handOver from './0008-outbox-hand-over.js';
import * as postedCommands from './0009-posted-commands.js';
import * as notifications from './0010-notifications.js';
import * as schemas from './0011-schemas.js';
import * as engineActions from './0012-engine-actions.js';
import * as repairs from './0013-repairs.js';
import * as writeLess from './0014-write-less.js';
import * as restlessTimers from './0015-restless-timers.js';
import * as versionRank from './0016-version-rank.js';
import * as engineActionWindow from './0017-engine-action-window.js';
import * as heldReplies from './0018-held-replies.js';

export const migrations: Migrations = {
  '0001-scenarios-processes-outbox': initial,
  '0002-timers': timers,
  '0003-incidents': incidents,
  '0004-idempotency': idempotency,
  '0005-process-terms': processTerms,
  '0006-process-migrations': processMigrations,
  '0007-retention': retention,
  '0008-outbox-hand-over': handOver,
  '0009-posted-commands': postedCommands,
  '0010-notifications': notifications,
  '0011-schemas': schemas,
  '0012-engine-actions': engineActions,
  '0013-repairs': repairs,
  '0014-write-less': writeLess,
  '0015-restless-timers': restlessTimers,
  '0016-version-rank': versionRank,
  '0017-engine-action-window': engineActionWindow,
  '0018-held-replies': heldReplies,
};
