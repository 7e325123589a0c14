import { HandoverError, type Principal } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { requirePrivilege } from '@handover/runtime';
import type { NormalizedScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { reaches } from '../authorisation.js';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { requireMayKeep } from '../privileged-roles.js';
import { announceScenario } from './announce-scenario.js';
import { findScenario, markDisabled } from './scenario.repository.js';

/**
 * Keeps new processes of a scenario from being started, and says so; again is no error and says nothing.
 * @param requireWritable throws where scenarios must not be changed
 * @throws HandoverError `scenario_not_found`, `forbidden`
 */
export async function disable(
  db: Kysely<EngineSchema>,
  principal: Principal,
  id: string,
  requireWritable: () => void = () => undefined,
): Promise<void> {
  await withTenant(db, principal.tenant, async (tx) => {
    const found = isUuid(id) ? await findScenario(tx, id) : undefined;
    if (found) requireMayKeep(principal, found.normalised as unknown as NormalizedScenario);
    else requirePrivilege(principal, 'scenario:write');
    requireWritable();
    if (!found || !reaches(principal, found.id)) throw new HandoverError('scenario_not_found', 'Scenario not found');
    const facts = await markDisabled(tx, id);
    if (facts) await appendToOutbox(tx, [announceScenario('scenario.disabled', principal.tenant, facts, principal.id)]);
  });
}
