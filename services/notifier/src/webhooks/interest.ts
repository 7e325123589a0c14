import { withTenant } from '@handover/database';
import type { Kysely } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import type { NotifierSchema } from '../database.js';
import { matches } from './event-filter.js';
import { findActiveWebhooks } from './webhook.repository.js';

/** Tells whether any webhook of a tenant wants an event; most events, nobody does. */
export interface Interest {
  /** By what is committed when it is asked, or a moment later: a webhook made before is never missed. */
  in(tenant: string, eventType: string): Promise<boolean>;
}

type Filters = readonly (readonly string[])[];

/** Looks at one tenant's webhooks begin at least so long apart, in milliseconds: what events wait for it, together, at most. */
const APART_MS = 25;

/**
 * Those who ask at the same moment share one look at the table. A look that is under way began before the next one asks, so
 * nobody joins it: they wait for the one after, which is not begun at once, as a look costs more than the events that share
 * it. Who asks when nobody did lately waits for nothing.
 */
export function createInterest(db: Kysely<NotifierSchema>): Interest {
  /** The last look of each tenant: under way, or over for less than it takes to begin the next. */
  const last = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<Filters>>();

  const look = (tenant: string): Promise<Filters> => {
    const looking = withTenant(db, tenant, async (tx) => (await findActiveWebhooks(tx)).map(({ events }) => events));
    const over = Promise.allSettled([looking, delay(APART_MS)]);
    last.set(tenant, over);
    void over.then(() => {
      if (last.get(tenant) === over) last.delete(tenant);
    });
    return looking;
  };

  const filtersOf = (tenant: string): Promise<Filters> => {
    const before = last.get(tenant);
    if (!before) return look(tenant);
    const waiting = next.get(tenant);
    if (waiting) return waiting;
    const following = before.then(() => {
      next.delete(tenant);
      return look(tenant);
    });
    next.set(tenant, following);
    return following;
  };

  return {
    in: async (tenant, eventType) => (await filtersOf(tenant)).some((events) => matches(events, eventType)),
  };
}
