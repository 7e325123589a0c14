import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { NotifierSchema } from '../database.js';
import { matches } from './event-filter.js';
import { findActiveWebhooks } from './webhook.repository.js';

/** Tells whether any webhook of a tenant wants an event; most events, nobody does. */
export interface Interest {
  /** By what was committed {@link BELIEVED_MS} before it is asked, or later. */
  in(tenant: string, eventType: string): Promise<boolean>;
}

/** For how long a look at a tenant's webhooks is believed, from its beginning, in milliseconds. */
export const BELIEVED_MS = 100;

/** Resolves when no replica believes a look any more that was begun before. Who is told of a webhook misses nothing that happens then. */
export const everybodyLooked = (): Promise<void> => delay(BELIEVED_MS + 5);

type Filters = readonly (readonly string[])[];

interface Look {
  readonly filters: Promise<Filters>;
  /** On the clock of `performance.now()`. */
  readonly until: number;
}

/** Looks that are kept before those that are over are thrown away. */
const MANY = 1_000;

/** Events that come within a moment share one look at the table: it costs more than all of them. */
export function createInterest(db: Kysely<NotifierSchema>): Interest {
  const looks = new Map<string, Look>();

  const look = (tenant: string): Look => {
    const now = performance.now();
    const known = looks.get(tenant);
    if (known && known.until > now) return known;
    if (looks.size >= MANY) for (const [other, { until }] of looks) if (until <= now) looks.delete(other);
    const filters = withTenant(db, tenant, async (tx) => (await findActiveWebhooks(tx)).map(({ events }) => events));
    const begun = { filters, until: now + BELIEVED_MS };
    looks.set(tenant, begun);
    return begun;
  };

  return {
    in: async (tenant, eventType) => (await look(tenant).filters).some((events) => matches(events, eventType)),
  };
}
