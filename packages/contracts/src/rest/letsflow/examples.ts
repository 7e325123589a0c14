const SCENARIO_ID = '1fd96b1a-8a5d-5d23-8b86-ea1ea6a4ba2c';
const REQUESTED = '2026-01-05T09:30:00.000Z';
export const PROCESS_ID = '7c0b7a53-2f0e-4c1b-9d0a-3c2f0a9e4d11';

/** The process of the documentation: a quote that was asked for. */
export const PROCESS_EXAMPLE = {
  id: PROCESS_ID,
  title: 'Quote',
  isRunning: true,
  tags: [],
  scenario: { id: SCENARIO_ID, title: 'Quote' },
  actors: { client: { title: 'client', id: 'claire' } },
  vars: { wish: 'ten chairs' },
  result: null,
  current: {
    key: 'requested',
    timestamp: REQUESTED,
    title: 'requested',
    description: '',
    instructions: {},
    notify: [],
    actions: [{ key: 'accept', title: 'accept', description: '', actor: ['supplier'], response: {} }],
  },
  previous: [{ title: 'request', description: '', timestamp: REQUESTED, actor: { key: 'client', title: 'client' } }],
  events: [
    { timestamp: REQUESTED, id: PROCESS_ID, scenario: SCENARIO_ID, hash: 'a3'.repeat(32) },
    {
      previous: 'a3'.repeat(32),
      timestamp: REQUESTED,
      action: 'request',
      actor: { key: 'client', id: 'claire' },
      response: 'ten chairs',
      skipped: false,
      hash: '5e'.repeat(32),
    },
  ] as const,
};
