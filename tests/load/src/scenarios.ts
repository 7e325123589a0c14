/** A scenario to measure, and the action that leads from its first state back to it, for as long a life as one likes. */
export interface Subject {
  readonly name: string;
  readonly scenario: unknown;
  /** Steps of one round; the last one leads back to the state `initial`. */
  readonly round: readonly { readonly action: string; readonly actor: string; readonly response?: unknown }[];
}

/** Two actors, two states, two actions: the least that is worth a process. */
const small: Subject = {
  name: 'small',
  scenario: {
    title: 'Request',
    actors: { client: {}, manager: { role: 'manager' } },
    actions: {
      ask: {
        actor: 'client',
        response: { properties: { amount: { type: 'number', minimum: 0 } }, required: ['amount'] },
        update: [{ set: 'vars.amount', value: { '<ref>': 'current.response.amount' } }],
      },
    },
    states: {
      initial: { on: 'ask', goto: 'asked' },
      asked: { on: 'return', by: 'manager', goto: 'initial' },
    },
    vars: { amount: 'number' },
  },
  round: [
    { action: 'ask', actor: 'client', response: { amount: 250 } },
    { action: 'return', actor: 'manager' },
  ],
};

/** What a team would write: conditions, templates, timeouts, a service, a list that grows and is cut. */
const middling: Subject = {
  name: 'middling',
  scenario: {
    title: 'Quote',
    tags: ['sales'],
    actors: {
      client: { properties: { name: 'string', email: { type: 'string', format: 'email' } } },
      sales: { role: ['sales', 'management'] },
      manager: { role: 'management' },
      'reviewer_*': { properties: { hours: { type: 'number', default: 0 } } },
    },
    actions: {
      request: {
        title: 'Request a quote',
        actor: 'client',
        response: {
          properties: { subject: 'string', budget: { type: 'number', minimum: 0 }, lines: { items: line() } },
          required: ['subject'],
        },
        update: [
          { set: 'vars.request' },
          { set: 'vars.total', value: { '<ref>': 'sum(current.response.lines[*].price)' } },
          { set: 'current.actor.name', value: { '<ref>': 'current.response.subject' } },
        ],
      },
      offer: {
        title: { '<tpl>': 'Offer for {{ vars.request.subject }}' },
        actor: ['sales', 'manager'],
        response: { properties: { price: 'number', note: 'string' }, required: ['price'] },
        update: [
          { set: 'vars.price', value: { '<ref>': 'current.response.price' } },
          { set: 'vars.notes', mode: 'append', value: { '<ref>': 'current.response.note' } },
        ],
      },
      reopen: { actor: 'client', update: [{ set: 'vars.notes', value: [] }] },
      cancel: { actor: ['client', 'sales'], if: { '<ref>': 'vars.price == null || vars.price < `1000`' } },
    },
    states: {
      '*': { transitions: [{ on: 'cancel', goto: '(cancelled)' }] },
      initial: {
        title: 'Waiting for the client',
        instructions: { client: { '<tpl>': 'Tell us what you need, {{ actors.client.name }}' } },
        transitions: [
          { on: 'request', by: 'client', goto: 'quoting' },
          { after: '14 days', goto: '(expired)' },
        ],
      },
      quoting: {
        title: { '<tpl>': 'Quote for {{ vars.request.subject }}' },
        instructions: { sales: { '<tpl>': '{{ vars.request.subject }}: {{ vars.request.budget }}' } },
        notify: [{ service: 'crm', message: { request: { '<ref>': 'vars.request' } } }, 'mailer'],
        transitions: [
          { on: 'offer', by: ['sales', 'manager'], if: { '<ref>': 'vars.total >= `0`' }, goto: 'check' },
          { after: '3 days', goto: null, log: { title: 'Reminder' } },
        ],
      },
      check: {
        transitions: [
          { on: null, if: { '<ref>': 'vars.price > `100000`' }, goto: 'approval' },
          { on: null, goto: 'offered' },
        ],
      },
      approval: { on: 'approve', by: 'manager', goto: 'offered' },
      offered: {
        transitions: [
          { on: 'accept', by: 'client', goto: '(accepted)' },
          { on: 'reopen', by: 'client', goto: 'initial', log: { title: 'Reopened' } },
          { after: '30 days', goto: '(expired)' },
        ],
      },
    },
    vars: {
      request: { type: 'object', additionalProperties: true },
      total: 'number',
      price: 'number',
      notes: { items: 'string', default: [] },
    },
    result: { properties: { accepted: 'boolean' } },
  },
  round: [
    {
      action: 'request',
      actor: 'client',
      response: {
        subject: 'Roof',
        budget: 9000,
        lines: Array.from({ length: 10 }, (_, i) => ({ name: `l${i}`, price: i })),
      },
    },
    { action: 'offer', actor: 'sales', response: { price: 8500, note: 'as discussed' } },
    { action: 'reopen', actor: 'client' },
  ],
};

function line() {
  return { properties: { name: 'string', price: { type: 'number', minimum: 0 } }, required: ['price'] };
}

const STATES = 100;
const SECTIONS = 30;

/** What grows over years: a hundred states with their own actions and forms, thirty sections of data, twenty actors. */
const big: Subject = {
  name: 'big',
  scenario: {
    title: 'Permit',
    actors: Object.fromEntries(
      range(20).map((i) => [`office${i}_desk`, { role: `office-${i}`, properties: { city: 'string' } }]),
    ),
    actions: Object.fromEntries(range(STATES).map((i) => [`decide${i}`, decision(i)])),
    states: Object.fromEntries(range(STATES).map((i) => [i === 0 ? 'initial' : `stage${i}`, stage(i)])),
    vars: Object.fromEntries(
      range(SECTIONS).map((i) => [
        `section${i}`,
        { properties: { text: 'string', lines: { items: line() } }, default: section(i) },
      ]),
    ),
  },
  round: range(STATES).map((i) => ({
    action: `decide${i}`,
    actor: `office${i % 20}_desk`,
    response: { decision: 'yes', section: section(i) },
  })),
};

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function section(i: number) {
  return { text: `Section ${i} `.repeat(10), lines: range(10).map((price) => ({ name: `line ${price}`, price })) };
}

function decision(i: number) {
  return {
    title: `Decide ${i}`,
    actor: [`office${i % 20}_desk`, `office${(i + 1) % 20}_desk`],
    response: {
      properties: {
        decision: { enum: ['yes', 'no'] },
        section: { properties: { text: 'string', lines: { items: line() } } },
      },
      required: ['decision'],
    },
    update: [
      { set: `vars.section${i % SECTIONS}`, value: { '<ref>': 'current.response.section' } },
      { set: 'current.actor.city', value: 'Delft' },
    ],
  };
}

function stage(i: number) {
  const next = i === STATES - 1 ? 'initial' : `stage${i + 1}`;
  return {
    title: { '<tpl>': `Stage ${i}: {{ vars.section${i % SECTIONS}.text }}` },
    instructions: { [`office${i % 20}_desk`]: 'Read the section, then decide.' },
    transitions: [
      { on: `decide${i}`, if: { '<ref>': "current.response.decision != 'no'" }, goto: next },
      { on: `decide${i}`, goto: '(refused)' },
      { after: '30 days', goto: '(lapsed)' },
    ],
  };
}

export const SUBJECTS: readonly Subject[] = [small, middling, big];
