import { ASSET_FAILURES } from './asset-processes.js';
import { CASE_FAILURES } from './case-workflows.js';
import type { Failure } from './failure.js';
import { RECORD_FAILURES } from './workflow-records.js';

/** Every way in which each operation of the doors refuses a request, beside those that all of them have. */
export const FAILURES: Readonly<Record<string, readonly Failure[]>> = {
  ...ASSET_FAILURES,
  ...RECORD_FAILURES,
  ...CASE_FAILURES,
};
