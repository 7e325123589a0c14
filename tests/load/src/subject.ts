import type { Platform } from './platform.js';

/** Two actions that go round and round, each with a response that is checked and kept. */
const ROUND = {
  title: 'Round and round',
  actors: { worker: {} },
  vars: { last: {} },
  actions: {
    give: { actor: 'worker', response: response(), update: { set: 'vars.last' } },
    take: { actor: 'worker', response: response(), update: { set: 'vars.last' } },
  },
  states: { initial: { on: 'give', goto: 'given' }, given: { on: 'take', goto: 'initial' } },
};

function response() {
  return {
    type: 'object',
    properties: { note: { type: 'string' }, amount: { type: 'number', minimum: 0 } },
    required: ['note', 'amount'],
  };
}

/** @returns ids of so many processes in their first state, whose worker is the caller */
export async function startProcesses(platform: Platform, count: number): Promise<string[]> {
  const { id: scenario } = await platform.call<{ id: string }>('POST', '/scenarios', ROUND);
  const ids: string[] = [];
  while (ids.length < count) {
    const batch = Array.from({ length: Math.min(64, count - ids.length) }, () =>
      platform.call<{ id: string }>('POST', '/processes', { scenario, actors: { worker: { id: 'admin' } } }),
    );
    ids.push(...(await Promise.all(batch)).map(({ id }) => id));
  }
  return ids;
}
