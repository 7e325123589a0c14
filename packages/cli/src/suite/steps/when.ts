import type { World } from '../world.js';
import { either, type StepDefinition } from './step.js';

const does = (world: World, process: string, who: string, action: string, response?: unknown): void =>
  world.act(process, who, action, response);
const serviceDoes = (world: World, process: string, service: string, action: string, response?: unknown): void =>
  world.act(process, `service:${service}`, action, response);

/** What happens (test-suite §3). */
export const when: readonly StepDefinition[] = [
  ...['', ' with {scalar}', ' with:'].flatMap((response) => [
    ...either(`{string} does {string} [in]${response}`, does),
    ...either(`the {string} service does {string} [in]${response}`, serviceDoes),
  ]),
  [
    '{time} pass(es)',
    (world, seconds: number) => {
      for (const process of world.names) world.pass(process, seconds);
    },
  ],
  ['{time} pass(es) for {process}', (world, seconds: number, process: string) => world.pass(process, seconds)],
];
