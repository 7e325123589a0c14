import { HandoverError, holds, type Principal } from '@handover/contracts';
import { actorsOf, type Process } from '@handover/process';
import { requirePrivilege } from '@handover/runtime';
import { isUnattended, type CompiledScenario } from '@handover/scenario';
import { reaches } from '../authorisation.js';
import { isEntitled, ownsByPrivilege, recordedRoles, whoActs } from '../privileged-roles.js';
import { notFound } from './refusal.js';

/**
 * Existence is a secret kept from other tenants, and from keys that are restricted to other scenarios: to them a process is
 * not there. To everybody else of the tenant it is, and what they may not do is forbidden.
 * @throws HandoverError `process_not_found`
 */
export function requireReach(process: Process, principal: Principal): void {
  if (!reaches(principal, process.scenario.id)) throw notFound();
}

/**
 * A process is read by who plays an actor of it, by who may see all, and by a key whose service or restriction covers it.
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export function requireReadable(process: Process, principal: Principal): void {
  requireReach(process, principal);
  if (holds(principal, 'process:super')) return;
  if (watchesUnattended(principal) && isUnattended(process.scenario.document)) return;
  const { key } = principal;
  const played = actorsOf(process, principal);
  if (played.some((actor) => isEntitled(principal, process.actors[actor]))) return;
  if (key && !holds(principal, 'process:read') && !holds(principal, 'process:step')) {
    throw new HandoverError('forbidden', 'Insufficient privileges of API key');
  }
  if (played.length > 0 || isCovered(process, key)) return;
  throw new HandoverError('forbidden', 'Not allowed to access the process');
}

/** `workflows:read` shows the processes that run without a person; an agent's key sees those of its agent alone. */
export const watchesUnattended = (principal: Principal): boolean =>
  holds(principal, 'workflows:read') && principal.key?.kind !== 'proxy';

/** A key that is bound to a user sees what its owner sees; its restrictions only take away. */
function isCovered({ scenario }: Process, key: Principal['key']): boolean {
  if (!key || key.kind === 'user') return false;
  return (
    key.processes !== undefined || (key.service !== undefined && scenario.abilities.services.includes(key.service))
  );
}

/**
 * Which actor the principal performs an action as (engine-service §3.5, §3.7). An action nobody is offered now still gets an
 * actor, so that the process itself refuses it, in its own words and on the record.
 * @param asActor the actor key the caller asked for (As-Actor)
 * @throws HandoverError `process_not_found`, `forbidden`
 */
export function actingAs(process: Process, action: string, principal: Principal, asActor: string | undefined): string {
  requireReach(process, principal);
  const isPermitted = (actor: string): boolean => permits(principal, process.scenario.id, actor, action);
  const mine = voicesOf(process, principal).filter(isPermitted);
  if (asActor !== undefined) {
    // Only a key, made for it and on record, speaks for an actor it is not: a user who may see all does not.
    const isAnyones = principal.kind === 'key' && principal.key?.kind !== 'user' && holds(principal, 'process:super');
    if (mine.includes(asActor) || (isAnyones && isPermitted(asActor))) return asActor;
    throw new HandoverError('forbidden', `Not allowed to perform as actor '${asActor}'`);
  }
  const offered = process.current.actions.find(({ key }) => key === action);
  const actor = offered?.actor.find((key) => mine.includes(key));
  if (actor !== undefined) return actor;
  const [first] = mine;
  if (first !== undefined && !offered) return first;
  throw new HandoverError('forbidden', explanation(principal, first === undefined ? undefined : action));
}

/** Everything a caller may act as here: the actors they are, the service of their key, the actors it was made for. */
function voicesOf(process: Process, principal: Principal): string[] {
  const own = actorsOf(process, principal);
  const { key } = principal;
  if (!key || key.kind === 'user') return own;
  const service = key.service === undefined ? [] : [`service:${key.service}`];
  const granted = (key.processes ?? [])
    .filter(({ scenario }) => scenario === process.scenario.id)
    .flatMap(({ actors }) => actors ?? []);
  return [...own, ...service, ...granted];
}

/** Whether a key's restrictions, if it has any, leave it this action as this actor. */
function permits({ key }: Principal, scenario: string, actor: string, action: string): boolean {
  if (!key?.processes) return true;
  return key.processes.some(
    (restriction) =>
      restriction.scenario === scenario &&
      (restriction.actors?.includes(actor) ?? true) &&
      (restriction.actions?.includes(action) ?? true),
  );
}

function explanation({ kind }: Principal, action: string | undefined): string {
  if (kind === 'key') return 'Process not available for this API key in current state';
  return action === undefined ? 'Not allowed to access process' : `Not allowed to perform action '${action}'`;
}

/** @throws HandoverError `forbidden` unless the principal may act, by `process:step` or by playing an actor who does */
export function requireMayStep({ scenario, actors }: Process, actor: string, principal: Principal): void {
  if (isEntitled(principal, actors[actor]) && whoActs(scenario.document).includes(actor)) return;
  requirePrivilege(principal, 'process:step');
}

/**
 * A process is started with `process:start`; of a closed scenario also by privilege, and of one that runs without a person with
 * `workflows:run`.
 * @throws HandoverError `forbidden`
 */
export function requireMayStart({ document }: CompiledScenario, principal: Principal): void {
  if (ownsByPrivilege(principal, document)) return;
  if (holds(principal, 'workflows:run') && isUnattended(document)) return;
  requirePrivilege(principal, 'process:start');
}

/** Who performs a step, as the process checks and records it. */
export interface StepActor {
  readonly key: string;
  readonly id?: string;
  readonly roles?: string[];
  readonly [info: string]: unknown;
}

/**
 * The caller as the event's actor: free properties first, so that none of them can pass for an identity. A key that speaks for
 * an actor it is not, such as a service, names itself and no user.
 */
export function stepActor(process: Process, key: string, principal: Principal): StepActor {
  if (principal.kind === 'key' && !actorsOf(process, principal).includes(key))
    return { apikey: principal.key?.id, key };
  const roles = recordedRoles(principal, process.actors[key]);
  return { ...principal.info, apikey: principal.key?.id, key, id: principal.id, roles };
}
