import { withTenant } from '@handover/database';
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

const refer = async (tenant: string, reference: string, isKnown: (id: string) => boolean = () => true) =>
  withTenant(replica.db, tenant, (tx) => findReferred(tx, reference, isKnown));
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
    expect((await refer('names', 'quote', (id) => id === first))?.id).toBe(first);
    expect(await refer('names', second, (id) => id === first)).toBeUndefined();
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
