import { ProcessError } from '@handover/process';
import { DataFunctionError } from '@handover/scenario';
import { Failure } from '../terminal.js';
import type { TestCase, TestStep } from './feature.js';
import { take } from './match.js';
import { Mismatch } from './mismatch.js';
import type { Scenarios } from './scenarios.js';
import { World } from './world.js';

/** The step that did not hold, and why; later steps are not taken. */
export interface Failed {
  readonly step: TestStep;
  readonly reason: string;
}

/** Plays a test case in a world of its own. @returns undefined when every step holds */
export async function play({ steps }: TestCase, scenarios: Scenarios): Promise<Failed | undefined> {
  const world = new World(scenarios);
  for (const step of steps) {
    try {
      await take(world, step.text, step.argument);
    } catch (error) {
      if (!isExpected(error)) throw error;
      return { step, reason: error.message };
    }
  }
  return undefined;
}

const isExpected = (error: unknown): error is Error =>
  [Mismatch, Failure, ProcessError, DataFunctionError].some((kind) => error instanceof kind);
