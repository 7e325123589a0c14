import type { Difference } from '../diff.js';
import { runFn } from './fn.js';
import { runHash } from './hash.js';
import { runJmespath } from './jmespath.js';
import { runNormalize } from './normalize.js';
import { runProcess } from './process.js';
import { runValidate } from './validate.js';
import { runYaml } from './yaml.js';

/** Runs one vector: what the file holds in, every difference between what it expects and what happens out. */
export type Driver = (vector: never) => Difference[];

/** The kinds of vectors, by the name of the folder that holds them. */
export const KINDS: ReadonlyMap<string, Driver> = new Map<string, Driver>([
  ['fn', runFn],
  ['hash', runHash],
  ['invalid', runValidate],
  ['jmespath', runJmespath],
  ['normalize', runNormalize],
  ['process', runProcess],
  ['valid', runValidate],
  ['yaml', runYaml],
]);
