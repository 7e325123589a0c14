import {
  compile,
  normalizeScenario,
  referencesOf,
  schemasNamedBy,
  validateScenario,
  type CompiledScenario,
} from '@handover/scenario';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { located, readScenario } from '../scenario-file.js';
import { Mismatch } from './mismatch.js';
import { loadSchemas } from './schemas.js';

/** @returns a scenario by the name tests give it (test-suite §1.1), ready to run. @throws Mismatch, Failure */
export type Scenarios = (name: string) => Promise<CompiledScenario>;

/** The scenarios of a folder; each is read once. */
export function scenariosIn(folder: string, schemas: string, warn: (text: string) => void): Scenarios {
  const read = new Map<string, Promise<CompiledScenario>>();
  return (name) => {
    const reading = read.get(name) ?? load(name);
    read.set(name, reading);
    return reading;
  };

  async function load(name: string): Promise<CompiledScenario> {
    const file = await readScenario(await fileOf(folder, name));
    const { errors } = validateScenario(file.value);
    if (errors.length > 0) {
      throw new Mismatch([`Scenario "${name}" is not valid`, ...located(file, errors)].join('\n'));
    }
    const scenario = normalizeScenario(file.value);
    const references = new Set([...referencesOf(scenario), ...schemasNamedBy(file.value as Record<string, unknown>)]);
    return compile(scenario, { schemas: await loadSchemas(references, schemas, warn) });
  }
}

async function fileOf(folder: string, name: string): Promise<string> {
  for (const extension of ['json', 'yaml', 'yml']) {
    const path = join(folder, `${name}.${extension}`);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Mismatch(`Scenario "${name}" not found`);
}
