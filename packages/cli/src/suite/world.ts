import { instantiate, step, timeout, toDocument, type Process, type ProcessDocument } from '@handover/process';
import { isService, type CompiledScenario } from '@handover/scenario';
import { randomUUID } from 'node:crypto';
import { Mismatch } from './mismatch.js';
import type { Scenarios } from './scenarios.js';

/** Which process a step is about that names none. */
export const MAIN = 'main';

interface Person {
  readonly key: string;
  /** What is known of the user who plays the actor. */
  readonly properties: Readonly<Record<string, unknown>>;
}
interface Entry {
  readonly scenario: CompiledScenario;
  readonly persons: Map<string, Person>;
  process?: Process;
}

/** The processes of one test case, and who plays in them (test-suite §1). A process begins when a step first needs it. */
export class World {
  readonly #processes = new Map<string, Entry>();
  readonly #scenarios: Scenarios;

  constructor(scenarios: Scenarios) {
    this.#scenarios = scenarios;
  }

  async addProcess(name: string, scenario: string): Promise<void> {
    this.#processes.set(name, { scenario: await this.#scenarios(scenario), persons: new Map() });
  }

  addActor(name: string, person: string, key: string, properties: Person['properties'] = {}): void {
    const { persons, process } = this.#entry(name);
    if (process) throw new Mismatch(`The "${name}" process is already instantiated`);
    if (persons.has(person)) throw new Mismatch(`"${person}" is already an actor in the "${name}" process`);
    persons.set(person, { key, properties });
  }

  /** Somebody performs an action. One that is refused is on record, and fails nothing. */
  act(name: string, who: string, action: string, response?: unknown): void {
    const entry = this.#entry(name);
    const actor = isService(who) ? who : this.#performer(name, who);
    const { process } = step(this.process(name), {
      action,
      actor,
      now: now(),
      ...(response !== undefined && { response }),
    });
    entry.process = process;
  }

  /** @param seconds that have passed since the state was entered */
  pass(name: string, seconds: number): void {
    const entry = this.#entry(name);
    const process = this.process(name);
    entry.process = timeout(process, { now: now(), timePassed: seconds })?.process ?? process;
  }

  /** Names of all processes, begun or not. */
  get names(): readonly string[] {
    return [...this.#processes.keys()];
  }

  process(name: string): Process {
    const entry = this.#entry(name);
    entry.process ??= begun(entry);
    return entry.process;
  }

  /** The process as expectations see it. */
  document(name: string): ProcessDocument {
    return toDocument(this.process(name));
  }

  #entry(name: string): Entry {
    const entry = this.#processes.get(name);
    if (!entry) throw new Mismatch(`There is no process called "${name}"`);
    return entry;
  }

  #performer(name: string, who: string) {
    const person = this.#entry(name).persons.get(who);
    if (!person) throw new Mismatch(`"${who}" is not an actor in the "${name}" process`);
    return { ...person.properties, key: person.key };
  }
}

/** Actors that a wildcard declares are there because somebody plays them. */
function begun({ scenario, persons }: Entry): Process {
  const further = [...persons.values()].filter(({ key }) => !scenario.actors.has(key));
  const actors = Object.fromEntries(further.map(({ key }) => [key, {}]));
  return instantiate(scenario, { id: randomUUID(), now: now(), actors }).process;
}

const now = (): string => new Date().toISOString();
