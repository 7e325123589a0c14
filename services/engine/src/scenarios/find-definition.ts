import {
  HandoverError,
  holds,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type findDefinition,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import { isUnattended, type NormalizedScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { knownTo } from '../authorisation.js';
import type { EngineSchema } from '../database.js';
import { findReferred } from './scenario.repository.js';

const MAY_FIND = ['scenario:read', 'workflows:run', 'cases:write'] as const;

/**
 * What a workflow can be run from: an enabled scenario by its id, or the one stored last under a name.
 * @throws HandoverError `forbidden`, `scenario_not_found`
 */
export async function definition(
  db: Kysely<EngineSchema>,
  { reference }: BodyOf<typeof findDefinition>,
  principal: Principal,
): Promise<AnswerOf<typeof findDefinition>> {
  if (!MAY_FIND.some((privilege) => holds(principal, privilege))) {
    throw new HandoverError('forbidden', `This needs one of the privileges ${MAY_FIND.join(', ')}`);
  }
  const found = await withTenant(db, principal.tenant, (tx) => findReferred(tx, reference, knownTo(principal)));
  if (!found || found.disabled) {
    throw new HandoverError('scenario_not_found', 'Workflow definition not found');
  }
  const scenario = found.normalised as unknown as NormalizedScenario;
  const { name, title, vars } = scenario;
  const subject = scenario.actors.case as { properties?: object } | undefined;
  return {
    id: found.id,
    title,
    ...(name !== undefined && { name }),
    unattended: isUnattended(scenario),
    vars: vars as Record<string, Record<string, unknown>>,
    ...(subject && { caseProperties: Object.keys(subject.properties ?? {}).filter((key) => !OURS.includes(key)) }),
  };
}

/** Properties that every actor has, which say who plays it. */
const OURS = ['id', 'title', 'role'];
