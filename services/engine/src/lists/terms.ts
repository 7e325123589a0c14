import { playersOf, type Process } from '@handover/process';
import { isUnattended, type CompiledScenario } from '@handover/scenario';
import { createHash } from 'node:crypto';
import { privilegedRoles } from '../privileged-roles.js';

/** The term every process has: all of them are a list too. */
export const EVERY = '';
/** The term of processes that run without a person. */
export const UNATTENDED = 'unattended';

/** Most terms of a process; tags and words beyond that find nothing. Who may see it comes first. */
const MOST_TERMS = 1_000;
/** An index entry has to stay below a third of a page. */
const LONGEST = 200;
const MOST_WORDS = 20;
const SERVICE = 'service:';

type Kind = 'user' | 'role' | 'holder' | 'serves' | 'scenario' | 'service' | 'tag' | 'word';

/** A term: what kind of fact, and its value. Long values are told apart by a hash. */
export function term(kind: Kind, value: string): string {
  const isPlain = value.length <= LONGEST && !value.includes('\0');
  return `${kind}:${isPlain ? value : `#${createHash('sha256').update(value).digest('hex')}`}`;
}

export const runningTerm = (isRunning: boolean): string => (isRunning ? 'running' : 'ended');

/** The words of a text, in the form they are compared in. */
export function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return [...new Set(words.map((word) => word.slice(0, LONGEST)))].slice(0, MOST_WORDS);
}

/** What a title is sorted by: the same whatever the server's locale, and short enough for an index. */
export const titleKey = (title: string): string =>
  title.normalize('NFKC').toLowerCase().replaceAll('\0', '').slice(0, LONGEST);

/** How a process is found, and where in a list it stands. */
export interface Listing {
  readonly terms: readonly string[];
  readonly title: string;
}

const many = (kind: Kind, values: readonly unknown[]): string[] =>
  values.flatMap((value) => (typeof value === 'string' ? term(kind, value) : []));

const known = new WeakMap<CompiledScenario, readonly string[]>();

/** What all processes of a scenario are found by. */
function termsOfScenario(scenario: CompiledScenario): readonly string[] {
  const found = known.get(scenario);
  if (found) return found;
  const { id, document, abilities } = scenario;
  const terms = [
    term('scenario', id),
    ...many('serves', abilities.services),
    ...(isUnattended(document) ? [UNATTENDED] : []),
  ];
  known.set(scenario, terms);
  return terms;
}

/** A process is listed as it is after a step, and as it was before the next. */
const listings = new WeakMap<Process, Listing>();

/** What a process is found by: who may act in it, what it runs, where it stands, what it is called. */
export function listingOf(process: Process): Listing {
  const listing = listings.get(process) ?? madeFrom(process);
  listings.set(process, listing);
  return listing;
}

function madeFrom(process: Process): Listing {
  const { users, roles } = playersOf(process);
  const offered = process.current.actions.flatMap(({ actor }) => actor).filter((key) => key.startsWith(SERVICE));
  const terms = [
    EVERY,
    ...termsOfScenario(process.scenario),
    runningTerm(process.isRunning),
    ...many('user', users),
    ...many('role', roles),
    ...many('holder', holdersOf(process)),
    ...many(
      'service',
      offered.map((key) => key.slice(SERVICE.length)),
    ),
    ...many('tag', process.tags),
    ...many('word', wordsOf(process.title)),
  ];
  return { terms: [...new Set(terms)].slice(0, MOST_TERMS), title: titleKey(process.title) };
}

/** Who plays an actor by a privilege, where a user is assigned to it too: the privilege's role and the user's id. */
function holdersOf({ actors }: Process): string[] {
  return Object.values(actors).flatMap((actor) => {
    const { id, role } = actor ?? {};
    return id ? privilegedRoles(role).map((one) => holder(one, id)) : [];
  });
}

export const holder = (role: string, id: string): string => `${role} ${id}`;
