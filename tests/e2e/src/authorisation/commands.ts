import type { Caller } from './callers.js';
import { hidden, needs, ofTenant } from './routes.js';
import { ACTORS, SCENARIO, type World } from './world.js';

/** One column of the table for the queue: a command's body, and the status of its reply. */
export interface CommandEntry {
  readonly body: (world: World) => unknown;
  readonly status: (caller: Caller) => number;
}

/** Every command of the queue. A command without an entry fails the test that reads this. */
export const COMMAND_ENTRIES: Readonly<Record<string, CommandEntry>> = {
  'process.start': {
    body: ({ scenario }) => ({ scenario, actors: ACTORS }),
    status: needs('process:start', hidden(400, 201)),
  },
  'process.step': {
    body: ({ process }) => ({ process, action: 'go' }),
    status: needs(
      'process:step',
      hidden(404, ({ acts }) => (acts ? 204 : 403)),
    ),
  },
  'process.retry': {
    body: ({ process }) => ({ process }),
    status: needs('process:super', (caller) => (caller.isRestricted ? 403 : hidden(404, 200)(caller))),
  },
  'scenario.store': {
    body: () => ({ ...SCENARIO, title: 'stored from the queue' }),
    status: needs('scenario:write', ofTenant(201)),
  },
  'scenario.disable': {
    body: ({ doomedScenario }) => ({ scenario: doomedScenario }),
    status: needs('scenario:write', hidden(404, 204)),
  },
};
