import { HandoverError, holds, type Principal } from '@handover/contracts';
import { actorFor, actorsOf, type Process } from '@handover/process';

/** @throws HandoverError `forbidden` unless the principal plays an actor of the process or may see all of them */
export function requireReadable(process: Process, principal: Principal): void {
  if (holds(principal, 'process:super') || actorsOf(process, principal).length > 0) return;
  throw new HandoverError('forbidden', 'Not allowed to access the process');
}

/**
 * Which actor the principal performs an action as (engine-service §3.5). An action nobody is offered now still gets an
 * actor, so that the process itself refuses it, in its own words and on the record.
 * @param asActor the actor key the caller asked for (As-Actor)
 * @throws HandoverError `forbidden`
 */
export function actingAs(process: Process, action: string, principal: Principal, asActor: string | undefined): string {
  const mine = actorsOf(process, principal);
  if (asActor !== undefined) {
    if (!mine.includes(asActor)) throw new HandoverError('forbidden', `Not allowed to perform as actor '${asActor}'`);
    return asActor;
  }
  const actor = actorFor(process, action, principal);
  if (actor !== undefined) return actor;
  const isOffered = process.current.actions.some(({ key }) => key === action);
  const [first] = mine;
  if (first === undefined) throw new HandoverError('forbidden', 'Not allowed to access process');
  if (isOffered) throw new HandoverError('forbidden', `Not allowed to perform action '${action}'`);
  return first;
}

/** The caller as the event's actor: free properties first, so that none of them can pass for an identity. */
export function stepActor(key: string, principal: Principal): { key: string; id: string; roles: string[] } {
  return { ...principal.info, key, id: principal.id, roles: principal.roles };
}
