import { describe, expect, it } from 'vitest';
import { operationsApp, type Dependency } from './http.js';
import { createMetrics } from './metrics/metrics.js';

const fine = { name: 'database', check: async () => undefined };
const missing = { name: 'bus', check: () => Promise.reject(new Error('no peer answers')) };

const operations = (dependencies: Dependency[], isStopping: () => boolean) =>
  operationsApp({ dependencies, isStopping, metrics: createMetrics('engine') });

describe('the operations port', () => {
  it('says the process lives, whatever it depends on', async () => {
    const answer = await operations([missing], () => false).request('/livez');
    expect(answer.status).toBe(200);
  });

  it('is ready when every dependency is', async () => {
    const answer = await operations([fine], () => false).request('/readyz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok', checks: { database: 'ok' } });
  });

  it('names what is missing', async () => {
    const answer = await operations([fine, missing], () => false).request('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'not ready', checks: { database: 'ok', bus: 'no peer answers' } });
  });

  it('is not ready while stopping, so that no new work is sent to it', async () => {
    const answer = await operations([fine], () => true).request('/readyz');
    expect(answer.status).toBe(503);
  });

  it('shows the metrics as Prometheus reads them', async () => {
    const answer = await operations([], () => false).request('/metrics');
    expect(answer.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('# TYPE handover_outbox_lag_seconds gauge');
  });
});
