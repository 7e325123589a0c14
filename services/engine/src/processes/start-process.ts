import { HandoverError, type AnswerOf, type BodyOf, type Principal, type startProcess } from '@handover/contracts';
import { withTenant } from '@handover/database';
import { instantiate, step, toDocument, type ActionEvent, type Change, type Process } from '@handover/process';
import type { CompiledScenario } from '@handover/scenario';
import type { Kysely } from 'kysely';
import { randomUUID } from 'node:crypto';
import { knownTo } from '../authorisation.js';
import type { EngineSchema } from '../database.js';
import type { ScenarioStore } from '../scenarios/scenario-store.js';
import { findReferred } from '../scenarios/scenario.repository.js';
import { actingAs, requireMayStart, stepActor } from './acting.js';
import { nextOf } from './prediction.js';
import { explained, requireAccepted } from './refusal.js';
import type { Decision } from './decide-batch.js';
import type { Cause, WritePath } from './write-path.js';

type Body = BodyOf<typeof startProcess>;
type Answer = AnswerOf<typeof startProcess>;

export interface StartPorts {
  readonly db: Kysely<EngineSchema>;
  readonly scenarios: ScenarioStore;
  readonly writes: WritePath;
}

/**
 * Starts a process: instantiates the scenario and performs the first action, if one is given. Both or nothing: a refused
 * action leaves no process behind.
 * @throws HandoverError `unknown_scenario`, `scenario_disabled`, `forbidden`, `step_refused`, `evaluation_failed`
 */
export async function start(ports: StartPorts, body: Body, principal: Principal, cause: Cause = {}): Promise<Answer> {
  const scenario = await startable(ports, principal, body.scenario);
  const id = randomUUID();
  return ports.writes.submit(principal.tenant, {
    ...cause,
    process: id,
    isNew: true,
    decide: () => decideStart(scenario, id, body, principal),
  });
}

async function startable(ports: StartPorts, principal: Principal, reference: string): Promise<CompiledScenario> {
  const { tenant } = principal;
  return withTenant(ports.db, tenant, async (tx) => {
    const found = await findReferred(tx, reference, knownTo(principal));
    if (!found) throw new HandoverError('unknown_scenario', 'Scenario not found');
    if (found.disabled) throw new HandoverError('scenario_disabled', 'Scenario is disabled');
    const scenario = await ports.scenarios.compiled(tx, tenant, found.id);
    requireMayStart(scenario, principal);
    return scenario;
  });
}

function decideStart(scenario: CompiledScenario, id: string, body: Body, principal: Principal): Decision<Answer> {
  const now = new Date().toISOString();
  const started = explained(() => instantiate(scenario, { id, now, ...suppliedBy(body) }));
  const stepped = firstStep(started.process, now, body, principal);
  const { process } = stepped ?? started;
  const { hash, timestamp } = process.head;
  return {
    changes: stepped ? [started, stepped] : [started],
    answer: () => ({
      process: { ...toDocument(process), ...(body.predict && nextOf(process)) },
      etag: hash,
      lastModified: timestamp,
    }),
  };
}

const suppliedBy = ({ actors, vars, tags }: Body) => ({
  ...(actors && { actors }),
  ...(vars && { vars }),
  ...(tags && { tags }),
});

function firstStep(process: Process, now: string, body: Body, principal: Principal): Change<ActionEvent> | undefined {
  if (!body.action) return undefined;
  const { key: action, response } = body.action;
  const performed = actingAs(process, action, principal, body.actor);
  const actor = stepActor(process, performed, principal);
  const stepped = explained(() => step(process, { action, actor, now, ...(response !== undefined && { response }) }));
  requireAccepted(stepped.event);
  return stepped;
}
