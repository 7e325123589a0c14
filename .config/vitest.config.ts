import { defineConfig } from 'vitest/config';

/** Workspace packages are tested from their sources; nothing has to be built first. */
const resolve = { conditions: ['@handover/source'] };
const ssr = { resolve };

/** One project per test level, told apart by the file's suffix: `*.unit.spec.ts`, `*.int.spec.ts`, `*.e2e.spec.ts`, `*.faults.spec.ts`. */
export default defineConfig({
  resolve,
  ssr,
  test: {
    // The totals in a file, for whoever reports them (.ci/run).
    reporters: ['default', ['json', { outputFile: '.cache/tests.json' }]],
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['{packages,services,deploy,tests}/**/*.unit.spec.ts'],
          // None takes a second; on a machine that does other things meanwhile it may be ten.
          testTimeout: 20_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'int',
          include: ['{packages,services,deploy,tests}/**/*.int.spec.ts'],
          testTimeout: 30_000,
          hookTimeout: 90_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.e2e.spec.ts'],
          // Each file starts the whole platform: one at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'faults',
          include: ['{packages,tests}/**/*.faults.spec.ts'],
          // What breaks under load is told from what is slow under everybody's load.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
