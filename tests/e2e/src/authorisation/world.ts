import { issueApiKey, postCommand, startProcess, storeScenario } from '@handover/contracts';
import type { InProcess } from '../in-process.js';
import { asCaller } from './callers.js';

/** What there is to be read, acted on and taken away. */
export interface World {
  /** Tokens of those who may do everything in their tenant. */
  readonly admin: string;
  readonly rival: string;
  /** A scenario, a process of it, and another scenario. */
  readonly scenario: string;
  readonly process: string;
  readonly other: string;
  /** A command that the admin left to be carried out. */
  readonly command: string;
  /** A scenario and a key that are disabled and revoked again and again. */
  readonly doomedScenario: string;
  readonly doomedKey: string;
}

/** The action leads nowhere, so the same process serves every caller. */
export const SCENARIO = {
  title: 'work',
  actors: { boss: {}, clerk: { role: 'clerk' }, agent: {}, guest: {} },
  actions: { go: { actor: ['boss', 'clerk', 'agent', 'service:bank'] }, stop: { actor: ['boss'] } },
  states: {
    initial: {
      transitions: [
        { on: 'go', goto: null },
        { on: 'stop', goto: '(stopped)' },
      ],
    },
  },
};
export const ACTORS = { boss: { id: 'ann' }, agent: { id: 'agent:a1' }, guest: { id: 'una' } };

export async function createWorld(platform: InProcess): Promise<World> {
  const admin = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'acme' });
  const rival = await platform.jwt({ id: 'arnold', roles: ['admin'], tenant: 'rival' });
  const store = async (title: string): Promise<string> => {
    const source = JSON.stringify({ ...SCENARIO, title });
    return (await asCaller(platform, admin, storeScenario, { source, format: 'json' })).id;
  };
  const scenario = await store(SCENARIO.title);
  const started = await asCaller(platform, admin, startProcess, { scenario, actors: ACTORS });
  const doomed = { name: 'doomed', privileges: [], kind: 'global', description: '' } as const;
  return {
    admin,
    rival,
    scenario,
    process: String(started.process.id),
    other: await store('other work'),
    command: (await asCaller(platform, admin, postCommand, { command: 'scenario.store', body: {} })).id,
    doomedScenario: await store('doomed'),
    doomedKey: (await asCaller(platform, admin, issueApiKey, { ...doomed, privileges: [] })).id,
  };
}
