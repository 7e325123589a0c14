import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const resolve = { conditions: ['@handover/source'] };

const FILES = [
  'readme.e2e',
  'letsflow.e2e',
  'quote.e2e',
  'asset-processes.int',
  'case-workflows.int',
  'client-doors.int',
  'client.int',
  'diagrams.int',
  'doors-printed.int',
  'doors-routes.int',
  'openapi.int',
  'webhooks.int',
  'workflow-records.int',
].map((name) => `tests/e2e/${name}.spec.ts`);

/** Files in the order they are named: the tour of the manual is the first thing an installation sees. */
class AsNamed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => FILES.findIndex((name) => moduleId.endsWith(name));
    return files.toSorted((one, other) => place(one) - place(other));
  }
}

/** What of the end-to-end tests asks nothing of an installation but its gateway, played against one that runs. */
export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    name: 'running',
    globalSetup: ['tests/e2e/src/bare.global.ts'],
    include: FILES,
    // They share one installation.
    fileParallelism: false,
    sequence: { sequencer: AsNamed },
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
