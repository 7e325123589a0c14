import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser, Errors } from '@cucumber/gherkin';
import { IdGenerator, type GherkinDocument, type Pickle, type PickleStep, type Step } from '@cucumber/messages';
import { readFile } from 'node:fs/promises';
import { Failure } from '../terminal.js';
import { argumentOf } from './argument.js';

/** A sentence of a test, and what stands below it. */
export interface TestStep {
  readonly text: string;
  /** `Given `, `When `, … as it is written; it means nothing. */
  readonly keyword: string;
  readonly line: number;
  /** A list, a map, or what a doc string holds; undefined without one. */
  readonly argument: unknown;
}

/** A scenario of a feature, or one row of an outline, with the steps of its background. */
export interface TestCase {
  readonly name: string;
  readonly line: number;
  readonly steps: readonly TestStep[];
}

/** @throws Failure with file and line of all that is no Gherkin, or that cannot be read */
export async function readFeature(path: string): Promise<TestCase[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failure(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})`);
  });
  const newId = IdGenerator.incrementing();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  let document: GherkinDocument;
  try {
    document = parser.parse(text);
  } catch (error) {
    if (!(error instanceof Errors.GherkinException)) throw error;
    const errors = (error.errors as readonly Error[] | undefined) ?? [error];
    throw new Failure(errors.map(({ message }) => message.replace(/^\((\d+:\d+)\)/, `${path}:$1`)).join('\n'));
  }
  const written = writtenSteps(document);
  return compile(document, path, newId).map((pickle) => testCase(pickle, written));
}

/** By id: the steps as they stand in the file. */
function writtenSteps({ feature }: GherkinDocument): ReadonlyMap<string, Step> {
  const groups = (feature?.children ?? []).flatMap(({ rule, ...child }) => (rule ? rule.children : [child]));
  const steps = groups.flatMap(({ background, scenario }) => [
    ...(background?.steps ?? []),
    ...(scenario?.steps ?? []),
  ]);
  return new Map(steps.map((step) => [step.id, step]));
}

function testCase({ name, steps, location }: Pickle, written: ReadonlyMap<string, Step>): TestCase {
  return { name, line: location?.line ?? 1, steps: steps.map((step) => testStep(step, written)) };
}

function testStep({ text, argument, astNodeIds }: PickleStep, written: ReadonlyMap<string, Step>): TestStep {
  const { keyword = '', location } = written.get(astNodeIds[0] ?? '') ?? {};
  return { text, keyword, line: location?.line ?? 1, argument: argument && argumentOf(argument) };
}
