import {
  HandoverError,
  holds,
  type BodyOf,
  type Principal,
  type ProcessFilter,
  type listProcesses,
} from '@handover/contracts';
import { isPrivilegedRole } from '../privileged-roles.js';
import { watchesUnattended } from '../processes/acting.js';
import { UNATTENDED, holder, runningTerm, term, wordsOf } from './terms.js';

/** Something that must hold for a process to be in a list. */
export type Criterion =
  /** It has one of these terms. */
  | { readonly kind: 'terms'; readonly terms: readonly string[] }
  /** It has a term that begins so. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** It was created or updated from a time on, and before another; ISO 8601. */
  | { readonly kind: 'created' | 'updated'; readonly from: string | undefined; readonly to: string | undefined }
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'incident'; readonly open: boolean };

type Body = BodyOf<typeof listProcesses>;

/**
 * What a list has to hold to, the more telling first: what the caller asks for and, unless all are wanted, what shows them
 * theirs. It follows `requireReadable`: what it refuses is never listed.
 * @param scenarios ids of the scenarios asked for; undefined when none was
 * @throws HandoverError `forbidden`
 */
export function criteriaOf(body: Body, scenarios: readonly string[] | undefined, principal: Principal): Criterion[] {
  return [
    ...filterCriteria(body),
    ...scopeOf(principal, body.all),
    ...(scenarios ? [ofScenarios(scenarios)] : []),
    ...reachOf(principal),
    ...stateCriteria(body),
  ];
}

function filterCriteria(filter: ProcessFilter): Criterion[] {
  const one = (kind: 'tag' | 'user' | 'service' | 'role', value: string | undefined): Criterion[] =>
    value === undefined ? [] : [{ kind: 'terms', terms: [term(kind, value)] }];
  const { createdFrom, createdTo, updatedFrom, updatedTo } = filter;
  return [
    ...(filter.tags ?? []).flatMap((tag) => one('tag', tag)),
    ...one('user', filter.actor),
    ...one('service', filter.service),
    ...(filter.incident === undefined ? [] : [{ kind: 'incident' as const, open: filter.incident }]),
    ...textCriteria(filter.text),
    ...one('role', filter.role),
    ...range('created', createdFrom, createdTo),
    ...range('updated', updatedFrom, updatedTo),
  ];
}

function stateCriteria({ state, running }: ProcessFilter): Criterion[] {
  return [
    ...(state === undefined ? [] : [{ kind: 'state' as const, state }]),
    ...(running === undefined ? [] : [{ kind: 'terms' as const, terms: [runningTerm(running)] }]),
  ];
}

/** A text without a word in it is in no title. */
function textCriteria(text: string | undefined): Criterion[] {
  if (text === undefined) return [];
  const words = wordsOf(text);
  if (words.length === 0) return [{ kind: 'terms', terms: [] }];
  return words.map((word) => ({ kind: 'prefix', prefix: `word:${word}` }));
}

function range(kind: 'created' | 'updated', from: string | undefined, to: string | undefined): Criterion[] {
  return from === undefined && to === undefined ? [] : [{ kind, from, to }];
}

/** Whose processes they are: a user's own, or what a key was made for. */
function scopeOf(principal: Principal, all: boolean): Criterion[] {
  const { key, id, roles } = principal;
  const isSuper = holds(principal, 'process:super');
  if (all && !isSuper) throw new HandoverError('forbidden', 'Not allowed to list all processes');
  if (all) return [];
  // A key without the right to read sees what its privileges let it play, as `isEntitled` has it.
  const isReader = !key || isSuper || holds(principal, 'process:read') || holds(principal, 'process:step');
  const watched = watchesUnattended(principal) ? [UNATTENDED] : [];
  const own = [
    ...(isReader ? [term('user', id)] : []),
    ...roles.filter((role) => isReader || isPrivilegedRole(role)).map((role) => term('role', role)),
    ...(isReader ? [] : roles.filter(isPrivilegedRole).map((role) => term('holder', holder(role, id)))),
  ];
  if (!key || key.kind === 'user' || !isReader) return [{ kind: 'terms', terms: [...own, ...watched] }];
  // A restricted key sees all that its restrictions leave it.
  if (key.processes) return [];
  const served = key.service === undefined ? [] : [term('serves', key.service)];
  return [{ kind: 'terms', terms: [...own, ...served, ...watched] }];
}

/** A restricted key, whosoever it is, knows of the processes of its scenarios only. */
const reachOf = ({ key }: Principal): Criterion[] =>
  key?.processes ? [ofScenarios(key.processes.map(({ scenario }) => scenario))] : [];

const ofScenarios = (ids: readonly string[]): Criterion => ({
  kind: 'terms',
  terms: [...new Set(ids)].map((id) => term('scenario', id)),
});
