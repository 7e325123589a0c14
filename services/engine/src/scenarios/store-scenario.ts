import {
  HandoverError,
  type AnswerOf,
  type BodyOf,
  type ScenarioSummary,
  type storeScenario,
} from '@handover/contracts';
import { withTenant } from '@handover/database';
import {
  DocumentSyntaxError,
  LimitExceeded,
  NormalizeError,
  UnsafeKeyError,
  normalizeScenario,
  parseJson,
  parseYaml,
  scenarioId,
  stableJson,
  checkScenario,
  type NormalizedScenario,
} from '@handover/scenario';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';
import { isUuid } from '../id.js';
import { requireSoundSeparation } from '../processes/separation.js';
import { findScenario, saveScenario } from './scenario.repository.js';

type Body = BodyOf<typeof storeScenario>;
type Answer = AnswerOf<typeof storeScenario>;
type Warnings = Answer['warnings'];

/**
 * Parses, validates, normalises and keeps a scenario. Its id follows from its content, so storing it again changes nothing,
 * except that a disabled one is enabled.
 * @throws HandoverError `malformed_body` with line and column, `invalid_scenario` with every error and where it is
 */
export async function store(db: Kysely<EngineSchema>, tenant: string, body: Body): Promise<Answer> {
  const { document, warnings } = parse(body);
  const { scenario, findings } = check(document);
  requireSoundSeparation(scenario);
  const id = scenario.id ?? scenarioId(scenario);
  if (!isUuid(id)) throw new HandoverError('invalid_scenario', 'The id of a scenario is a UUID');
  await withTenant(db, tenant, async (tx) => {
    await saveScenario(tx, tenant, summary(id, scenario), { ...body, id, normalised: { ...scenario } });
    const kept = await findScenario(tx, id);
    // An id the author gave is trusted (scenario-language §7.4), but it names one document for ever.
    if (kept && stableJson(kept.normalised) !== stableJson(scenario)) {
      throw new HandoverError('scenario_conflict', `Another scenario is stored under the id ${id}`);
    }
  });
  return { id, warnings: [...warnings, ...findings] };
}

function parse({ source, format }: Body): { document: unknown; warnings: Warnings } {
  try {
    if (format === 'json') return { document: parseJson(source), warnings: [] };
    const { value, warnings } = parseYaml(source);
    return { document: value, warnings: warnings.map(({ message }) => ({ pointer: '', detail: message })) };
  } catch (error) {
    if (error instanceof DocumentSyntaxError || error instanceof UnsafeKeyError || error instanceof LimitExceeded) {
      throw new HandoverError('malformed_body', `The scenario cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function check(document: unknown): { scenario: NormalizedScenario; findings: Warnings } {
  const { errors, warnings } = checkScenario(document);
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
