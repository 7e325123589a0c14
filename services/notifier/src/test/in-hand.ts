import { startReceiver, type Answer, type Receiver } from '@handover/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Pipeline, notifierDatabase, type NotifierDatabase, type Settings } from './pipeline.js';

/** What the tests of a file work with. */
export interface NotifierInHand {
  /** One for all of them. */
  readonly database: NotifierDatabase;
  /** Started for one test; answers as the script says, then 200. */
  readonly receiver: (...script: Answer[]) => Promise<Receiver>;
  /** Made for one test, with a tenant of its own. */
  readonly pipeline: (settings?: Settings) => Pipeline;
}

/** A database for the tests of a file, and what each of them starts on it: that ends with the test, the last first. */
export function notifierInHand(): NotifierInHand {
  let database: NotifierDatabase;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    database = await notifierDatabase();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => database.close());

  return {
    get database() {
      return database;
    },
    receiver: async (...script) => {
      const started = await startReceiver({ script });
      closers.push(() => started.close());
      return started;
    },
    pipeline: (settings) => {
      const created = new Pipeline(database, settings);
      closers.push(() => created.stop(100));
      return created;
    },
  };
}
