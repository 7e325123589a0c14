import { listProcesses, type AnswerOf, type Principal } from '@handover/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { engineInHand, user, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { read } from '../processes/read-process.js';
import { start } from '../processes/start-process.js';
import { performStep } from '../processes/step-process.js';
import { EFFORTS, type Effort } from './find.js';
import { list } from './list-processes.js';

const DEED = `
name: deed
version: '1'
title: Deed of sale
tags: [legal]
actors: { buyer: ~, clerk: { role: clerk }, agent: ~ }
actions:
  sign: { actor: buyer }
  check: { actor: [clerk, 'service:registry'] }
states:
  initial: { on: sign, goto: signed }
  signed: { on: check, goto: (registered) }
`;

const LOAN = `
name: loan
version: '2'
title: Loan of a Book
tags: [library, 'asset:42']
actors: { reader: ~, desk: { role: desk } }
actions:
  take: { actor: reader }
  back: { actor: desk }
states:
  initial: { on: take, goto: lent }
  lent: { on: back, goto: (returned) }
`;

const PING = `
title: Ping
actors: { watcher: { role: 'privilege:cases:read' } }
actions: { pong: { actor: 'service:registry' } }
states: { initial: { on: pong, goto: (done) } }
`;

const ann = user('ann', { privileges: ['*'] });
let engine: EngineInHand;
let replica: Replica;
let deed: string;
let loan: string;
const ids: string[] = [];

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
  deed = await engine.store('acme', DEED);
  loan = await engine.store('acme', LOAN);
  for (const buyer of ['bob', 'cy', 'bob']) ids.push(await begin(deed, { buyer: { id: buyer } }));
  for (const reader of ['cy', 'dee']) ids.push(await begin(loan, { reader: { id: reader } }));
  ids.push(await begin(deed, { buyer: { id: 'key:k1' }, clerk: { id: 'eve' }, agent: { id: 'bob' } }));
  ids.push(await begin(await engine.store('acme', PING), {}));
  await act(ids[0], 'sign', 'bob');
  await act(ids[3], 'take', 'cy');
  await act(ids[3], 'back', 'frank', ['desk']);
});
afterAll(() => engine.close());

async function begin(scenario: string, actors: Record<string, Record<string, unknown>>): Promise<string> {
  return String((await start(replica, { scenario, actors }, ann)).process.id);
}

const act = (process: string | undefined, action: string, by: string, roles: string[] = []) =>
  performStep(replica.writes, { process: process ?? '', action, representation: false }, user(by, { roles }));

const NOTHING = { few: 0, fewAstray: 0, fewToLookUp: 0 };

/** However a page is looked for, it is the same. */
const WAYS: readonly [string, readonly Effort[]][] = [
  ['fetched', EFFORTS],
  ['walked', [{ ...NOTHING, walk: 100 }]],
  ['walked in vain at first', [1, 2, 4, 100].map((walk) => ({ ...NOTHING, walk }))],
  ['intersected', []],
];
let efforts = EFFORTS;

type Asked = z.input<typeof listProcesses.body>;
const ask = (query: Asked = {}, by: Principal = ann): Promise<AnswerOf<typeof listProcesses>> =>
  list(replica, listProcesses.body.parse(query), by, efforts);
const found = async (query: Asked, by = ann): Promise<string[]> =>
  (await ask(query, by)).processes.map(({ id }) => id).sort();
const numbered = (...numbers: number[]): string[] => numbers.map((n) => ids[n] ?? '').sort();

describe.each(WAYS)('a list that is %s', (_way, tried) => {
  beforeAll(() => {
    efforts = tried;
  });

  const key = (rest: Partial<NonNullable<Principal['key']>>, id = 'key:k1', roles: string[] = []): Principal =>
    user(id, { kind: 'key', privileges: ['process:read'], roles, key: { id: 'k1', kind: 'global', ...rest } });
  const everybody: [string, () => Principal][] = [
    ['a user by id', () => user('bob')],
    ['a user who plays in both', () => user('cy')],
    ['a user by role', () => user('nora', { roles: ['clerk'] })],
    ['a user with several roles', () => user('cy', { roles: ['desk', 'clerk', 'none'] })],
    ['a stranger', () => user('zoe')],
    ['a key that plays an actor', () => key({})],
    ['a key of a service', () => key({ service: 'registry' }, 'key:k2')],
    ['a key of a service nobody knows', () => key({ service: 'mail' }, 'key:k2')],
    ['a key restricted to a scenario', () => key({ processes: [{ scenario: loan }] }, 'key:k2')],
    ['a service’s key restricted to another', () => key({ service: 'registry', processes: [{ scenario: loan }] })],
    ['a user’s key', () => key({ kind: 'user' }, 'bob')],
    ['a user’s key restricted to a scenario', () => key({ kind: 'user', processes: [{ scenario: loan }] }, 'cy')],
    ['a key that may not read', () => ({ ...key({ service: 'registry' }), privileges: ['scenario:read'] })],
    [
      'a key that plays by privilege',
      () => ({ ...key({}, 'x', ['privilege:cases:read']), privileges: ['cases:read'] }),
    ],
    ['a watcher of what runs by itself', () => user('zoe', { privileges: ['workflows:read'] })],
    ['an agent’s key', () => ({ ...key({ kind: 'proxy' }), privileges: ['workflows:read'] })],
    ['a user of another tenant', () => user('bob', { tenant: 'rival', roles: ['clerk'] })],
  ];
  it.each(everybody)('shows %s what they may read, and nothing else', async (_, who) => {
    const caller = who();
    const readable = await Promise.all(
      ids.map((id) =>
        read(replica, { id }, caller).then(
          () => id,
          () => '',
        ),
      ),
    );
    expect(await found({}, caller)).toEqual(readable.filter((id) => id !== '').sort());
    for (const sort of ['-created', 'updated'] as const) {
      expect(await found({ sort: [sort] }, caller)).toEqual(readable.filter((id) => id !== '').sort());
    }
  });

  it('of all is for those who may see all, in what they reach', async () => {
    expect(await found({ all: true })).toEqual([...ids].sort());
    for (const caller of [user('bob'), key({ processes: [{ scenario: loan }] })]) {
      await expect(ask({ all: true }, caller)).rejects.toThrow('Not allowed to list all processes');
    }
    const restricted = { ...key({ processes: [{ scenario: loan }] }), privileges: ['process:super' as const] };
    expect(await found({ all: true }, restricted)).toEqual(numbered(3, 4));
  });

  it('tells of each what a table needs', async () => {
    const [signed] = (await ask({ state: 'signed', all: true })).processes;
    expect(signed).toEqual({
      id: ids[0],
      title: 'Deed of sale',
      tags: ['legal'],
      scenario: { id: deed, name: 'deed', version: '1', title: 'Deed of sale', description: '' },
      actors: expect.objectContaining({ buyer: expect.objectContaining({ id: 'bob' }) }),
      isRunning: true,
      state: 'signed',
      created: expect.stringMatching(/Z$/),
      lastUpdated: expect.stringMatching(/Z$/),
      incident: false,
    });
  });

  it('holds whole processes when asked, without their past', async () => {
    const { documents } = await ask({ all: true, tags: ['asset:42'], running: true, documents: true });
    const { process, etag } = await read(replica, { id: ids[4] ?? '' }, ann);
    const { previous: _previous, events: _events, ...state } = process;
    expect(documents).toEqual([{ process: state, etag, lastModified: expect.any(String) }]);
  });
});

describe.each(WAYS)('a filter of what is %s', (_way, tried) => {
  beforeAll(() => {
    efforts = tried;
  });

  const cases: [string, () => Asked, () => string[]][] = [
    ['scenario by id', () => ({ scenario: loan.toUpperCase() }), () => numbered(3, 4)],
    ['scenario by name', () => ({ scenario: 'deed' }), () => numbered(0, 1, 2, 5)],
    ['scenario by name and version', () => ({ scenario: 'loan@2' }), () => numbered(3, 4)],
    ['scenario of a version there is not', () => ({ scenario: 'loan@1' }), () => []],
    ['state', () => ({ state: 'lent' }), () => []],
    ['end state', () => ({ state: '(returned)' }), () => numbered(3)],
    ['running', () => ({ running: true }), () => numbered(0, 1, 2, 4, 5, 6)],
    ['ended', () => ({ running: false }), () => numbered(3)],
    ['tag', () => ({ tags: ['asset:42'] }), () => numbered(3, 4)],
    ['several tags', () => ({ tags: ['asset:42', 'legal'] }), () => []],
    ['actor', () => ({ actor: 'bob' }), () => numbered(0, 2, 5)],
    ['role', () => ({ role: 'clerk' }), () => numbered(0, 1, 2)],
    ['service of the current actions', () => ({ service: 'registry' }), () => numbered(0, 6)],
    ['words of the title', () => ({ text: 'BOOK loa' }), () => numbered(3, 4)],
    ['a text without words', () => ({ text: '%' }), () => []],
    ['open incident', () => ({ incident: true }), () => []],
    ['no incident', () => ({ incident: false }), () => [...ids].sort()],
    ['several at once', () => ({ actor: 'bob', state: 'initial', text: 'deed' }), () => numbered(2, 5)],
    ['nothing that could be a term', () => ({ tags: ["' or true --", 'x'.repeat(500)] }), () => []],
  ];
  it.each(cases)('by %s leaves what it says, and counts it', async (_, query, expected) => {
    for (const sort of ['title', '-updated'] as const) {
      const answer = await ask({ ...query(), all: true, total: true, sort: [sort] });
      expect(answer.processes.map(({ id }) => id).sort()).toEqual(expected());
      expect(answer.total).toBe(expected().length);
    }
  });

  it('by time takes the beginning in and leaves the end out', async () => {
    const times = (await ask({ all: true, sort: ['created'] })).processes;
    const [from, to] = [times[1]?.created, times[3]?.created];
    const inside = times.filter(({ created }) => created >= (from ?? '') && created < (to ?? '')).map(({ id }) => id);
    expect(await found({ all: true, createdFrom: from, createdTo: to })).toEqual(inside.sort());
    const latest = (await ask({ all: true, sort: ['-updated'], limit: 1 })).processes[0];
    expect(await found({ all: true, updatedFrom: latest?.lastUpdated })).toEqual([latest?.id]);
  });

  it('adds to what the caller sees, never beyond it', async () => {
    expect(await found({ role: 'clerk' }, user('bob'))).toEqual(numbered(0, 2));
  });
});

describe.each(WAYS)('pages of what is %s', (_way, tried) => {
  beforeAll(() => {
    efforts = tried;
  });

  it.each(['title', '-title', 'created', '-created', 'updated', '-updated'] as const)(
    'by %s lead forth and back again without a gap, by number and by cursor',
    async (sort) => {
      const whole = (await ask({ all: true, sort: [sort] })).processes;
      const value = { title: 'title', created: 'created', updated: 'lastUpdated' } as const;
      const member = value[sort.replace('-', '') as keyof typeof value];
      const values = whole.map((process) => process[member]);
      expect(values).toEqual(sort.startsWith('-') ? [...values].sort().reverse() : [...values].sort());

      const first = await ask({ all: true, sort: [sort], limit: 3 });
      const second = await ask({ all: true, sort: [sort], limit: 3, cursor: first.next });
      const third = await ask({ all: true, sort: [sort], limit: 3, page: 3 });
      expect([first, second, third].flatMap(({ processes }) => processes)).toEqual(whole);
      expect([first.previous, third.next]).toEqual([undefined, undefined]);
      const back = await ask({ all: true, sort: [sort], limit: 3, cursor: third.previous });
      expect(back.processes).toEqual(second.processes);
      const again = await ask({ all: true, sort: [sort], limit: 3, cursor: back.previous });
      expect(again.processes).toEqual(first.processes);
      expect(again.previous).toBeUndefined();
    },
  );

  it('sort by several, each in its direction', async () => {
    const whole = await ask({ all: true, sort: ['title', '-created'] });
    const expected = [...whole.processes].sort(
      (a, b) => a.title.localeCompare(b.title) || b.created.localeCompare(a.created),
    );
    expect(whole.processes).toEqual(expected);
    const first = await ask({ all: true, sort: ['title', '-created'], limit: 4 });
    const rest = await ask({ all: true, sort: ['title', '-created'], limit: 4, cursor: first.next });
    expect([...first.processes, ...rest.processes]).toEqual(expected);
  });

  it('refuse a cursor that is none, or of a list in another order', async () => {
    const { next } = await ask({ all: true, limit: 1 });
    for (const cursor of ['x', Buffer.from('["title","after",["a"],1]').toString('base64url')]) {
      await expect(ask({ cursor })).rejects.toMatchObject({
        code: 'invalid_request',
        errors: [{ pointer: '/cursor' }],
      });
    }
    await expect(ask({ cursor: next, sort: ['created'] })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
