import {
  HandoverError,
  holds,
  type BodyOf,
  type Principal,
  type ProcessRestriction,
  type issueApiKey,
} from '@handover/contracts';

export type KeyRequest = BodyOf<typeof issueApiKey>;

/**
 * No key can do more than its issuer: it holds none but the issuer's privileges, reaches no process the issuer's own key does
 * not reach, and speaks for nobody else than its issuer does. Whoever holds `process:super` may let a key speak for a service
 * or an agent, or reach the processes of a scenario: they see those and could act there with a key of their own.
 * @throws HandoverError `forbidden`, naming what goes too far
 */
export function requireWithinIssuer(request: KeyRequest, issuer: Principal): void {
  const excess = excessOf(request, issuer);
  if (excess !== undefined) throw new HandoverError('forbidden', `No key may exceed its issuer: ${excess}`);
}

function excessOf(request: KeyRequest, issuer: Principal): string | undefined {
  const beyond = request.privileges.filter((privilege) => !holds(issuer, privilege));
  if (beyond.length > 0) return `you do not hold ${beyond.map((privilege) => `'${privilege}'`).join(', ')}`;
  if (!isWithin(request.processes, issuer.key?.processes)) return 'your own key is restricted to other processes';
  if (request.kind === 'user')
    return issuer.kind === 'user' || issuer.key?.kind === 'user' ? undefined : 'you are no user';
  const reaches = request.privileges.some((privilege) => privilege.startsWith('process:'));
  return reaches && !holds(issuer, 'process:super') ? excessOfVoice(request, issuer) : undefined;
}

/** Whom or what the key would speak for, when its issuer does not. */
function excessOfVoice({ service, instance, processes = [] }: KeyRequest, { key }: Principal): string | undefined {
  if (service !== undefined && service !== key?.service) return `you do not act as service:${service}`;
  if (instance !== undefined && instance !== key?.instance) return `you do not act as the agent ${instance}`;
  const own = key?.kind === 'user' ? [] : (key?.processes ?? []);
  const beyond = processes.filter(
    (one) => !own.some((other) => covers(other, one) && (one.actors === undefined || other.actors !== undefined)),
  );
  return beyond.length === 0
    ? undefined
    : `you do not reach all processes of ${beyond.map(({ scenario }) => scenario).join(', ')}`;
}

/** Whether every restriction lies within one of the outer ones. No restriction at all is the widest there is. */
function isWithin(
  inner: readonly ProcessRestriction[] | undefined,
  outer: readonly ProcessRestriction[] | undefined,
): boolean {
  if (outer === undefined) return true;
  return inner?.every((one) => outer.some((other) => covers(other, one))) ?? false;
}

function covers(outer: ProcessRestriction, inner: ProcessRestriction): boolean {
  const holdsAll = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean =>
    wide === undefined || (narrow?.every((name) => wide.includes(name)) ?? false);
  return (
    outer.scenario === inner.scenario && holdsAll(outer.actors, inner.actors) && holdsAll(outer.actions, inner.actions)
  );
}
