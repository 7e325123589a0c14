import { expect } from 'vitest';
import { CUSTOMER, INSTANCE, type Doors } from '../doors/world.js';
import type { Known } from './known.js';

/** Has the actions that the document's examples name, and one that leads nowhere. */
const QUOTE = {
  name: 'quote',
  version: '1',
  title: 'Quote',
  actors: { client: {}, seller: {} },
  actions: {
    request: { actor: ['client', 'seller'], update: 'vars.said' },
    accept: { actor: 'client' },
    stop: { actor: 'client' },
  },
  vars: { said: {} },
  states: {
    initial: {
      notify: 'mail',
      transitions: [
        { on: 'request', goto: null },
        { on: 'accept', goto: 'accepted' },
        { on: 'stop', goto: '(done)' },
      ],
    },
    accepted: { on: 'request', goto: 'initial' },
  },
};

/** A workflow for cases: no person acts in it. */
const CHECK = {
  title: 'Check',
  actors: { case: { properties: { firstName: 'string' } } },
  actions: { answer: { actor: 'service:bank' } },
  vars: { param0: 'number', param1: 'number', param2: 'boolean', param3: 'string' },
  states: { initial: { notify: 'bank', on: 'answer', goto: '(done)' } },
};

/** Puts one thing behind every address, and makes all of them known. */
export async function furnish(doors: Doors, known: Known): Promise<void> {
  const send = async (path: string, json: unknown, token = doors.admin) => {
    const answer = await doors.send('POST', path, token, json);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer;
  };
  const create = async (path: string, json: unknown, token?: string): Promise<string> => {
    const { headers, body } = await send(path, json, token);
    known.learnCreated(path, headers.get('location'), body);
    return String(body.id);
  };
  const scenario = await create('/scenarios', QUOTE);
  await create('/processes', { scenario, actors: { client: { id: 'alice' } } });
  await create('/apikey', { name: 'known' });
  await create('/webhooks', { url: 'http://127.0.0.1:9/', events: ['process.completed'] });
  const steps = [
    { type: 'user_picker', key: 'assigned_user', label: 'For' },
    { type: 'boolean', key: 'wiped', label: 'Wiped' },
  ];
  await create('/v1/processes', { name: 'Return', steps });
  await create('/v1/assets', { name: 'Laptop' });
  await create('/cases', { firstName: 'Ada', personalNumber: '80010112345' });
  // Not known as a scenario: it would be disabled soon.
  known.add('workflowDefinition', (await send('/scenarios', CHECK)).body.id as string);
  const records = `/internal/v1/instances/${INSTANCE}/workflows`;
  await create(records, { customer_id: CUSTOMER, workflow_type: 'rent_arrears' }, doors.agent);
  known.add('instances', INSTANCE, INSTANCE, INSTANCE);
  known.add('customer', CUSTOMER);
  known.add('scenarios', 'quote', 'quote@1');
  known.add('action', 'request', 'accept', 'stop');
  known.add('services', 'mail', 'bank');
  known.add('schemas', 'person');
  known.add('api-docs', 'swagger-ui.css');
}
