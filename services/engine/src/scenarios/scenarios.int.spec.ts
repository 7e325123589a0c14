import { withTenant } from '@handover/database';
import { sql } from 'kysely';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineInHand, type EngineInHand, type Replica } from '../../test/engine-in-hand.js';
import { findReferred, listSummaries, markDisabled, type ScenarioFilter } from './scenario.repository.js';

let engine: EngineInHand;
let replica: Replica;

beforeAll(async () => {
  engine = await engineInHand();
  replica = engine.replica();
});
afterAll(() => engine.close());

const scenario = (head: string): string => `${head}
actions: { go: { actor: a } }
actors: { a: {} }
states: { initial: { on: go, goto: (done) } }
`;

const refer = async (tenant: string, reference: string, known?: readonly string[]) =>
  withTenant(replica.db, tenant, (tx) => findReferred(tx, reference, known));
const list = (tenant: string, filter: ScenarioFilter = {}) =>
  withTenant(replica.db, tenant, (tx) => listSummaries(tx, filter));

describe('a reference to a scenario', () => {
  let first: string;
  let second: string;
  beforeAll(async () => {
    first = await engine.store('names', scenario('name: quote\nversion: "1.0"'));
    second = await engine.store('names', scenario('name: quote\nversion: "1.1"'));
  });

  it('by id, by name or by name and version finds the one that is meant', async () => {
    expect((await refer('names', first))?.id).toBe(first);
    expect((await refer('names', 'quote@1.0'))?.id).toBe(first);
    expect((await refer('names', 'quote@1.1'))?.id).toBe(second);
    expect((await refer('names', 'quote'))?.id).toBe(second);
  });

  it.each(['quote@2', 'quote@', '@1.0', '', 'other', "'; drop table scenarios", '\0'])(
    '%j finds nothing',
    async (text) => {
      expect(await refer('names', text)).toBeUndefined();
    },
  );

  it('finds nothing of another tenant, and nothing the caller does not know of', async () => {
    expect(await refer('others', 'quote')).toBeUndefined();
    expect((await refer('names', 'quote', [first]))?.id).toBe(first);
    expect(await refer('names', second, [first])).toBeUndefined();
  });

  it('by name means the latest version, whenever it was stored', async () => {
    for (const version of ['1.10', '1.9', '2.0.0-beta', '1.2']) {
      await engine.store('versions', scenario(`name: deed\nversion: "${version}"`));
    }
    const { normalised } = (await refer('versions', 'deed')) ?? {};
    expect(normalised).toMatchObject({ version: '2.0.0-beta' });
    const release = await engine.store('versions', scenario('name: deed\nversion: "2"'));
    await engine.store('versions', scenario('name: deed\nversion: "1.11"'));
    expect((await refer('versions', 'deed'))?.id).toBe(release);
  });

  it('by name means the latest version also of those that the version before stored, which did not rank them', async () => {
    const store = async (version: string): Promise<string> =>
      engine.store('upgraded', scenario(`name: deed\nversion: "${version}"`));
    const forget = (...ids: string[]) =>
      withTenant(replica.db, 'upgraded', (tx) =>
        tx.updateTable('scenarios').set({ version_rank: '' }).where('id', 'in', ids).execute(),
      );
    const [old, older] = [await store('1.10'), await store('1.2')];
    await store('1.9');
    await forget(old, older);
    expect((await refer('upgraded', 'deed'))?.id).toBe(old);
    const newest = await store('1.11');
    expect((await refer('upgraded', 'deed'))?.id).toBe(newest);
    await withTenant(replica.db, 'upgraded', (tx) => markDisabled(tx, newest));
    expect((await refer('upgraded', 'deed'))?.id).toBe(old);
  });

  it('may be a name with an @ in it', async () => {
    const odd = await engine.store('names', scenario('name: mail@work\nversion: "1"'));
    expect((await refer('names', 'mail@work'))?.id).toBe(odd);
    expect((await refer('names', 'mail@work@1'))?.id).toBe(odd);
  });

  it('by name reads one entry of an index, however many versions there are', async () => {
    await withTenant(replica.db, 'many', (tx) =>
      sql`insert into scenarios (tenant, id, name, version, version_rank, title, description, tags, source, format, normalised)
        select 'many', gen_random_uuid(), 'name' || n % 5, n::text, lpad(n::text, 6, '0'), '', '', '{}', '', 'json', '{}'
        from generate_series(1, 5000) n`.execute(tx),
    );
    const plan = await withTenant(replica.db, 'many', async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx);
      const { rows } = await sql<{ 'QUERY PLAN': string }>`
        explain select id from scenarios where name = 'name3'
        order by disabled, version_rank desc, created_at desc, id limit 1`.execute(tx);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toContain('scenarios_by_rank');
    expect(plan).not.toContain('Sort');
  });

  it('by name passes over disabled ones while another is enabled', async () => {
    await withTenant(replica.db, 'names', (tx) => markDisabled(tx, second));
    expect(await refer('names', 'quote')).toMatchObject({ id: first, disabled: false });
    expect(await refer('names', 'quote@1.1')).toMatchObject({ id: second, disabled: true });
    await withTenant(replica.db, 'names', (tx) => markDisabled(tx, first));
    expect(await refer('names', 'quote')).toMatchObject({ id: second, disabled: true });
  });
});

describe('the list of scenarios', () => {
  beforeAll(async () => {
    await engine.store('lists', scenario('name: a\nversion: "1"\ntitle: Apples\ntags: [fruit, red]'));
    await engine.store('lists', scenario('name: b\nversion: "1"\ntitle: Bananas 100%\ntags: [fruit]'));
    await engine.store('lists', scenario('name: c\nversion: "1"\ntitle: Carrots\ndescription: No fruit at all'));
  });
  const names = async (filter: ScenarioFilter) => (await list('lists', filter)).scenarios.map(({ name }) => name);

  it('is in the order of titles, in pages, and says how many there are', async () => {
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await list('lists', { offset: 1, limit: 1 })).toMatchObject({ scenarios: [{ name: 'b' }], total: 3 });
    expect(await list('lists', { offset: 10 })).toEqual({ scenarios: [], total: 3 });
  });

  it.each([
    [{ name: 'b' }, ['b']],
    [{ tags: ['fruit'] }, ['a', 'b']],
    [{ tags: ['fruit', 'red'] }, ['a']],
    [{ text: 'FRUIT' }, ['c']],
    [{ text: '100%' }, ['b']],
    [{ text: '1_0' }, []],
    [{ text: '\\' }, []],
    [{ ids: [] }, []],
    [{ name: 'a', tags: ['red'], text: 'apple' }, ['a']],
  ] satisfies [ScenarioFilter, string[]][])('can be asked for %j', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });
});

describe('what a scenario is found by', () => {
  const bytes = randomBytes(2_000).toString('base64');
  it.each([
    ['title', 500, (text: string) => `title: ${text}`],
    ['name', 200, (text: string) => `name: ${text}\nversion: "1"`],
    ['version', 100, (text: string) => `name: long\nversion: ${text}`],
  ])('has a length an index can take: its %s', async (key, most, head) => {
    const wide = '\u{1F600}'.repeat(most / 2);
    for (const text of [bytes.slice(0, most), wide]) await engine.store('long', scenario(head(text)));
    await expect(engine.store('long', scenario(head(bytes.slice(0, most + 1))))).rejects.toMatchObject({
      code: 'invalid_scenario',
      errors: [{ pointer: `/${key}`, detail: `must be no longer than ${most} characters` }],
    });
  });
});
