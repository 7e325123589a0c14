import type { World } from '../world.js';
import { either, type StepDefinition } from './step.js';

type Properties = Readonly<Record<string, unknown>>;

const player = (world: World, process: string, person: string, properties?: Properties): void =>
  world.addActor(process, person, 'actor', properties);
const playerOf = (world: World, process: string, person: string, key: string, properties?: Properties): void =>
  world.addActor(process, person, key, properties);

/** What there is before anything happens (test-suite §2). */
export const given: readonly StepDefinition[] = [
  [
    '{process} is created from the {string} scenario',
    (world, process: string, scenario: string) => world.addProcess(process, scenario),
  ],
  ...either('{string} is the actor [in]', player),
  ...either('{string} is the actor [in] with:', player),
  ...either('{string} is the {string} actor [in]', playerOf),
  ...either('{string} is the {string} actor [in] with:', playerOf),
];
