import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFeature } from './feature.js';
import { play } from './run.js';
import { scenariosIn, type Scenarios } from './scenarios.js';

/** Has something for every step: two actors and any number of guests, a service, a timeout, an end with a result. */
const ORDER = `
title: Order
tags: [shop]
actors:
  actor: { title: Buyer, properties: { city: string, address: { properties: { zip: string } } } }
  seller: {}
  guest_*: {}
actions:
  order: { actor: [actor, seller, guest_*], response: {}, update: vars.order }
  ship: { actor: [seller, service:post], response: {}, update: result }
  move: { actor: actor, response: string, update: actors.actor.city }
  rate: { actor: actor, response: { type: number }, update: vars.rating }
states:
  initial:
    title: !tpl '{{ title }} of nothing'
    transitions:
      - { on: order, goto: ordered }
      - { on: move, goto: ~ }
      - { on: rate, goto: ~ }
  ordered:
    title: Ordered
    instructions: { seller: !tpl 'Send {{ vars.order }}.' }
    list: [1, 2]
    notify: [post, { service: bank, message: { sum: 7 } }]
    transitions:
      - { on: ship, goto: (shipped) }
      - { after: 1 hour, goto: (late) }
vars: { order: {}, rating: number }
result: {}
`;

let folder: string;
let scenarios: Scenarios;
const warnings: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suite-'));
  await mkdir(join(folder, 'shop'));
  await mkdir(join(folder, 'schemas/sub'), { recursive: true });
  await writeFile(join(folder, 'order.yaml'), ORDER);
  await writeFile(
    join(folder, 'shop/order.json'),
    '{"states":{"initial":{"on":"go","goto":"(x)"}},"actions":{"go":{}}}',
  );
  await writeFile(join(folder, 'broken.yml'), 'states: { initial: { on: go, goto: nowhere } }\nactions: { go: {} }');
  await writeFile(
    join(folder, 'form.yaml'),
    'actions: { go: { response: { $ref: schema:sub/amount } }, odd: { response: { $ref: schema:absent } } }\n' +
      'states: { initial: { transitions: [{ on: go, goto: (done) }, { on: odd, goto: (odd) }] } }',
  );
  await writeFile(join(folder, 'schemas/sub/amount.yml'), '$id: schema:sub/amount\ntype: number\nminimum: 0\n');
  scenarios = scenariosIn(folder, join(folder, 'schemas'), (text) => warnings.push(text));
});
afterAll(() => rm(folder, { recursive: true }));

/** Plays steps, one to a line. @returns `line: reason` of the one that does not hold, the first line being 1 */
async function outcome(steps: string): Promise<string | undefined> {
  const path = join(folder, 'a.feature');
  await writeFile(path, `Feature: f\n  Scenario: s\n${steps}`);
  const [one] = await readFeature(path);
  if (!one) throw new Error('no scenario');
  const failed = await play(one, scenarios);
  return failed && `${failed.step.line - 2}: ${failed.reason}`;
}
const below = (step: string, text: string): string => `${step}\n"""\n${text}\n"""`;

const MAIN = `Given the process is created from the "order" scenario
And "Ann" is the actor
And "Bob" is the "seller" actor`;
const SIDE = `Given the "side" process is created from the "order" scenario
And "Ann" is the actor in the "side" process
And "Bob" is the "seller" actor in the "side" process`;
const BOTH = `${MAIN}\n${SIDE}`;
const ORDERED = `${BOTH}\nWhen "Ann" does "order" with "tea"\nAnd "Ann" does "order" in the "side" process with "tea"`;
const SHIPPED = `${ORDERED}
When the "post" service does "ship" with 3
And the "post" service does "ship" in the "side" process with 3`;

/** By the number of the form in the suite's reference: steps that hold, and one that does not, with its reason. */
const FORMS: Readonly<Record<string, readonly [holds: string, fails?: string, reason?: RegExp]>> = {
  'G1–G6, created and played': [`${BOTH}\nThen the process is in "initial"\nThen the "side" process is in "initial"`],
  'G1 by a name with a folder': [
    'Given the process is created from the "shop/order" scenario\nThen the process is in "initial"',
  ],
  'G1 of what is not there': [
    MAIN,
    'Given the process is created from the "nothing" scenario',
    /^Scenario "nothing" not found$/,
  ],
  'G1 of what is not valid': [
    MAIN,
    'Given the process is created from the "broken" scenario',
    /^Scenario "broken" is not valid\n.*broken\.yml:1: \/states\/initial\/goto must reference a state$/,
  ],
  'G2 of no such process': [MAIN, 'Then the "other" process is in "initial"', /^There is no process called "other"$/],
  'G3 twice': [MAIN, 'And "Ann" is the actor', /already an actor/],
  'G3 too late': [
    `${MAIN}\nThen the process is in "initial"`,
    'And "Eve" is the "guest_1" actor',
    /already instantiated/,
  ],
  'G7 with properties': [
    `${below('Given the process is created from the "order" scenario\nAnd "Ann" is the "actor" actor with:', 'name: Ann')}
When "Ann" does "order"
Then nothing is skipped`,
  ],
  'G8–G10 with properties': [
    `Given the process is created from the "order" scenario
And "Ann" is the actor with:
| name | Ann |
Given the "side" process is created from the "order" scenario
And "Ann" is the actor in the "side" process with:
| name | Ann |
And "Bob" is the "seller" actor in the "side" process with:
| name | Bob |
When "Ann" does "order"
And "Bob" does "order" in the "side" process
Then nothing is skipped
And nothing is skipped of the "side" process`,
  ],
  'a guest, whom a wildcard declares': [
    `${MAIN}\nAnd "Eve" is the "guest_1" actor\nWhen "Eve" does "order"\nThen the process is in "ordered"\nAnd the process has actor "guest_1"`,
  ],
  'W1, W4 without a response': [
    `${BOTH}\nWhen "Ann" does "order"\nAnd "Ann" does "order" in the "side" process\nThen the process is in "ordered"\nAnd the "side" process is in "ordered"`,
    'When "Eve" does "order"',
    /^"Eve" is not an actor in the "main" process$/,
  ],
  'W2, W5 with a scalar': [
    `${ORDERED}\nThen variable "order" is "tea"\nAnd variable "order" in the "side" process is "tea"`,
  ],
  'W3, W6 with what stands below': [
    `${BOTH}
When "Ann" does "order" with:
| tea  |
| milk |
And "Ann" does "order" in the "side" process with:
| tea | 2 |
Then variable "order" is:
| tea  |
| milk |
And variable "order" in the "side" process is:
| tea | 2 |`,
  ],
  'W3 with functions, which stay as they are': [
    `${BOTH}\n${below('When "Ann" does "order" with:', '!ref title')}\nThen the process is in "ordered"`,
    below('Then variable "order" is:', 'Order'),
    /variable "order" is \{"<ref>":"title"\}, not "Order"/,
  ],
  'W7–W12 by services': [
    `${ORDERED}
When the "post" service does "ship"
And the "post" service does "ship" in the "side" process with:
| ok |
Then the process ended
And the "side" process ended`,
  ],
  'a service as a person': [`${ORDERED}\nWhen "service:post" does "ship" with true\nThen the result is true`],
  'W13 for all processes, begun or not': [
    `${ORDERED}
Given the "third" process is created from the "order" scenario
When 59 minutes pass
Then the process is in "ordered"
When 1 hour passes
Then the process ended in "late"
And the "side" process ended in "(late)"
And the "third" process is in "initial"`,
  ],
  'W14 for one': [
    `${ORDERED}\nWhen 3600seconds pass for the "side" process\nThen the "side" process ended\nAnd the process has not ended`,
  ],
  T1: [ORDERED, 'Then the process is in "initial"', /^the process is in "ordered", not in "initial"$/],
  'T1 after a refusal': [
    `${ORDERED}\nWhen "Ann" does "ship"`,
    'Then the process is in "(shipped)"',
    /'ship' was skipped: .+/,
  ],
  'T2, T3': [
    `${SHIPPED}\nThen the process ended\nAnd the "side" process ended in "shipped"`,
    'Then the process ended in "late"',
    /in "\(shipped\)", not in "\(late\)"/,
  ],
  'T2 of one that runs': [ORDERED, 'Then the process ended', /^the process has not ended, it is in "ordered"$/],
  'T4, T5': [
    `${below(`${SHIPPED}\nThen the process ended with:`, '3')}\n${below('And the "side" process ended in "shipped" with:', '3')}`,
    below('Then the process ended with:', '4'),
    /^the result is 3, not 4$/,
  ],
  'T6, T7': [
    `${ORDERED}\nThen the process has not ended\nAnd the "side" process has not ended in "late"`,
    'When 1 hour passes\nThen the process has not ended in "late"',
    /^the process has ended in "late"$/,
  ],
  T8: [
    `${BOTH}\nThen the state title is "{{ title }} of nothing"`,
    'Then the state title is "Order"',
    /^the state's title is "Order of nothing", not "Order"$/,
  ],
  'T9–T11': [
    `${ORDERED}
${below('Then the state list is:', '[1, 2]')}
${below('Then the state instructions of the "side" process are:', "seller: !tpl 'Send {{ vars.order }}.'")}
And the state title of the "side" process is "Ordered"`,
    below('Then the state list is:', '[2, 1]'),
    /is \[1,2\], not \[2,1\]/,
  ],
  T12: [
    `${ORDERED}
Then actor "seller" has the instruction "Send {{ vars.order }}."
And actor "seller" in the "side" process has instructions "Send tea."
${below('And actor "seller" has instructions:', 'Send tea.')}`,
    'Then actor "actor" has instruction "Send tea."',
    /^the instruction of "actor" is nothing, not "Send tea\."$/,
  ],
  T13: [
    `${BOTH}\nThen the process has actor "seller"\nAnd the "side" process has actor "actor"`,
    'Then the process has actor "guest_1"',
    /no actor "guest_1"/,
  ],
  'T14, T15': [
    `${BOTH}
When "Ann" does "move" with "Oslo"
Then actor "actor" has "city" is "Oslo"
And actor "seller" in the "side" process has "title" is "seller"
${below('And actor "actor" has "title" is:', "!tpl '{{ actors.actor.title }}'")}`,
    'Then actor "actor" has "address.zip" is "1"',
    /"address\.zip" of "actor" is nothing, not "1"/,
  ],
  'T16, with negative numbers and fractions': [
    `${BOTH}\nWhen "Ann" does "rate" with -12.5\nThen variable "rating" is -12.5\nAnd variable "rating" in the "side" process is null`,
    'Then variable "rating" is "-12.5"',
    /^variable "rating" is -12\.5, not "-12\.5"$/,
  ],
  'T17, evaluated': [`${ORDERED}\n${below('Then variable "order" is:', '!ref vars.order')}`],
  'T18, T19': [
    `${SHIPPED}\nThen the result is 3\nAnd the "side" process result is 3\n${below('And the result is:', '3')}`,
    below('And the "side" process result is:', 'three'),
    /^the result is 3, not "three"$/,
  ],
  'T20, T21': [
    `${BOTH}
Then the process has tag "shop"
And the "side" process has the tag "shop"
And the process doesn't have tag "sold"
And the "side" process doesn't have the tag "sold"`,
    'Then the process has the tag "sold"',
    /does not have the tag "sold"/,
  ],
  'T22, whatever the message': [
    `${ORDERED}
Then service "post" is notified
And service "bank" in the "side" process is notified
And service "mail" is not notified
And service "mail" in the "side" process is not notified`,
    'Then service "post" is not notified',
    /^service "post" is notified$/,
  ],
  T23: [
    `${below(`${ORDERED}\nThen service "bank" is notified with:`, 'sum: 7')}`,
    below('Then service "bank" in the "side" process is notified with:', 'sum: 8'),
    /\{"sum":7\}, not \{"sum":8\}/,
  ],
  'T25–T27': [
    `${BOTH}
When "Bob" does "move" with "Oslo"
Then the last event is skipped
And the last event is skipped with "Actor 'seller' is not allowed to perform action 'move'"
And the last event is skipped with:
| Actor 'seller' is not allowed to perform action 'move' |
${below('And the last event is skipped with:', "Actor 'seller' is not allowed to perform action 'move'")}
When "Bob" does "move" in the "side" process
Then the last event of the "side" process is skipped`,
    'Then the last event is skipped with "whatever"',
    /not with "whatever"$/,
  ],
  'T28, T29': [
    `${ORDERED}\nThen the last event is not skipped\nAnd nothing is skipped\nAnd nothing is skipped from the "side" process\nWhen "Ann" does "ship"`,
    'Then nothing is skipped',
    /'ship' was skipped/,
  ],
  T30: [
    `${ORDERED}\nWhen 1 hour passes for the "side" process\nThen the last event of the "side" process is a timeout`,
    'Then the last event is a timeout',
    /^the last event is no timeout$/,
  ],
  'what is no step': [MAIN, 'Then all is well', /^there is no such step$/],
  'an error of the rules': [
    `${MAIN}\nAnd "Eve" is the "stranger" actor`,
    'Then the process is in "initial"',
    /^Actor 'stranger' not found in scenario$/,
  ],
};

describe('a step of the suite', () => {
  it.each(Object.entries(FORMS))('%s', async (_, [holds, fails, reason]) => {
    expect(await outcome(holds)).toBeUndefined();
    if (fails === undefined) return;
    const failed = await outcome(`${holds}\n${fails}`);
    expect(failed?.replace(/^\d+: /, '')).toMatch(reason ?? /^$/);
  });

  it('checks responses by the schemas of the folder, and warns of those that are not there', async () => {
    const begin = 'Given the process is created from the "form" scenario\nAnd "Ann" is the actor';
    expect(await outcome(`${begin}\nWhen "Ann" does "go" with 5\nThen the process ended`)).toBeUndefined();
    expect(await outcome(`${begin}\nWhen "Ann" does "go" with -5\nThen the last event is skipped`)).toBeUndefined();
    expect(await outcome(`${begin}\nWhen "Ann" does "odd" with -5\nThen the process ended in "odd"`)).toBeUndefined();
    expect(warnings).toEqual(['there is no schema schema:absent: it accepts everything']);
  });
});
