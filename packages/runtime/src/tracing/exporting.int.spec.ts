import { startReceiver } from '@handover/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../log.js';
import { startTracing } from './exporting.js';
import { isTracing, traced } from './traced.js';

it('sends spans to the collector, those in hand when it ends too', async () => {
  const collector = await startReceiver();
  onTestFinished(() => collector.close());
  const stop = await startTracing('engine', `${collector.url}/`, createLogger('test', 'silent'));
  await traced('work', { parent: undefined, attributes: { 'handover.test': 1 } }, async () => undefined);
  await stop();
  const { path, body } = await collector.request(1);
  expect(path).toBe('/v1/traces');
  expect(body).toContain('"handover-engine"');
  expect(body).toContain('"name":"work"');
  expect(isTracing()).toBe(false);
});
