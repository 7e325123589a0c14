import {
  HandoverError,
  type AnswerOf,
  type BodyOf,
  type Principal,
  type ScenarioSummary,
  type storeScenario,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import {
  NormalizeError,
  checkScenario,
  normalizeScenario,
  referencesOf,
  scenarioId,
  schemaRegistry,
  schemasNamedBy,
  stableJson,
  type NormalizedScenario,
  type SchemaRegistry,
} from '@handover/scenario';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isStorable, isUuid } from '../id.js';
import { appendToOutbox } from '../outbox/outbox.repository.js';
import { requireSoundSeparation } from '../processes/separation.js';
import { closureOf, fetchMissing } from '../schemas/closure.js';
import type { RemoteSchemas } from '../schemas/remote-schemas.js';
import type { SharedSchemas } from '../schemas/shared-schemas.js';
import { announceScenario } from './announce-scenario.js';
import { parse, type Warnings } from './parse.js';
import { findScenario, saveScenario } from './scenario.repository.js';

type Body = BodyOf<typeof storeScenario>;
/** The answer, and what was stored. */
interface Stored extends AnswerOf<typeof storeScenario> {
  readonly scenario: NormalizedScenario;
}

/** Where schemas come from, beside the tenant's own. */
export interface SchemaSources {
  /** Those that every tenant has. */
  readonly shared: SharedSchemas;
  /** Absent: nothing is fetched. */
  readonly remote?: RemoteSchemas | undefined;
}
const NO_SCHEMAS: SchemaSources = { shared: new Map() };

/**
 * Parses, validates, normalises and keeps a scenario. Its id follows from its content, so storing it again changes nothing,
 * except that a disabled one is enabled.
 * The schemas it refers to are kept beside it, so that nothing changes for it when they do; storing it again keeps those.
 * @param requireAllowed throws when the caller may not keep this scenario
 * @throws HandoverError `malformed_body` with line and column, `invalid_scenario` with every error and where it is,
 *   `unavailable` when a schema elsewhere cannot be had now
 */
export async function store(
  db: Kysely<EngineSchema>,
  { tenant, id: by }: Pick<Principal, 'tenant' | 'id'>,
  body: Body,
  requireAllowed: (scenario: NormalizedScenario) => void = () => undefined,
  { shared, remote }: SchemaSources = NO_SCHEMAS,
): Promise<Stored> {
  const { document, warnings } = parse(body, 'scenario');
  const { scenario, findings: selfContained } = check(document);
  requireAllowed(scenario);
  requireStorable(scenario);
  requireSoundSeparation(scenario);
  const id = scenario.id ?? scenarioId(scenario);
  if (!isUuid(id)) throw new HandoverError('invalid_scenario', 'The id of a scenario is a UUID');
  const references = new Set([...referencesOf(scenario), ...schemasNamedBy(document as Record<string, unknown>)]);
  const fetched = remote ? await fetchMissing(db, tenant, references, { shared, remote }) : undefined;
  const findings = await withTenant(db, tenant, async (tx) => {
    const { schemas } = await closureOf(tx, references, shared, fetched);
    const { findings } = references.size > 0 ? check(document, schemaRegistry(schemas)) : { findings: selfContained };
    const facts = summary(id, scenario);
    const isNew = await saveScenario(tx, tenant, facts, { ...body, id, normalised: { ...scenario }, schemas });
    if (isNew) await appendToOutbox(tx, [announceScenario('scenario.stored', tenant, facts, by)]);
    const kept = await findScenario(tx, id);
    // An id the author gave is trusted (scenario-language §7.4), but it names one document for ever.
    if (kept && stableJson(kept.normalised) !== stableJson(scenario)) {
      throw new HandoverError('scenario_conflict', `Another scenario is stored under the id ${id}`);
    }
    return findings;
  });
  return { id, warnings: [...warnings, ...findings], scenario };
}

function check(document: unknown, schemas?: SchemaRegistry): { scenario: NormalizedScenario; findings: Warnings } {
  const { errors, warnings } = checkScenario(document, schemas && { schemas });
  const asField = ({ instancePath, message }: { instancePath: string; message: string }) => ({
    pointer: instancePath,
    detail: message,
  });
  if (errors.length > 0) {
    throw new HandoverError('invalid_scenario', 'The scenario is not valid', { errors: errors.map(asField) });
  }
  try {
    return { scenario: normalizeScenario(document), findings: warnings.map(asField) };
  } catch (error) {
    if (error instanceof NormalizeError) throw new HandoverError('invalid_scenario', error.message, { cause: error });
    throw error;
  }
}

/** What scenarios are found by goes into columns of their own, and into indexes, whose entries have a largest size. */
const LONGEST = { name: 200, version: 100, title: 500 };

function requireStorable({ name = '', version = '', title, description, tags }: NormalizedScenario): void {
  const texts = Object.entries({ name, version, title, description, tags: tags.join() });
  const unfit = texts.filter(([, text]) => !isStorable(text));
  const long = Object.entries(LONGEST).filter(([key, most]) => (Object.fromEntries(texts)[key] ?? '').length > most);
  const errors = [
    ...unfit.map(([key]) => ({ pointer: `/${key}`, detail: 'must not contain the character U+0000' })),
    ...long.map(([key, most]) => ({ pointer: `/${key}`, detail: `must be no longer than ${most} characters` })),
  ];
  if (errors.length > 0) throw new HandoverError('invalid_scenario', 'The scenario is not valid', { errors });
}

function summary(id: string, scenario: NormalizedScenario): ScenarioSummary {
  const { name, version, title, description, tags } = scenario;
  return {
    id,
    title,
    description,
    tags,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
  };
}
