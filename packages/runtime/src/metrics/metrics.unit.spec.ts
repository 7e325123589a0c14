import { describe, expect, it } from 'vitest';
import { METRICS } from './catalogue.js';
import { createMetrics } from './metrics.js';

describe('the metrics of a service', () => {
  it('are shown in the Prometheus text format, with the name of the service', async () => {
    const metrics = createMetrics('engine');
    metrics.count('handover_requests_total', { type: 'process.step.v1', outcome: 'ok' });
    metrics.count('handover_requests_total', { type: 'process.step.v1', outcome: 'ok' }, 2);
    metrics.observe('handover_batch_commands', {}, 3);
    const text = await metrics.text();
    expect(text).toContain('handover_requests_total{type="process.step.v1",outcome="ok",service="engine"} 3');
    expect(text).toContain('handover_batch_commands_bucket{le="4",service="engine"} 1');
  });

  it('are those the catalogue names for it, and no other', async () => {
    const text = await createMetrics('auth').text();
    const shown = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const expected = Object.entries(METRICS).filter(([, { services }]) =>
      (services as readonly string[]).includes('auth'),
    );
    expect(shown).toEqual(expected.map(([name]) => name));
  });

  it('of two services in one process are apart', async () => {
    const [one, other] = [createMetrics('engine'), createMetrics('engine')];
    one.count('handover_incidents_opened_total', {});
    expect(await one.text()).toContain('handover_incidents_opened_total{service="engine"} 1');
    expect(await other.text()).toContain('handover_incidents_opened_total{service="engine"} 0');
  });

  it('are looked up when only known when asked, and those that cannot be do not keep the others back', async () => {
    const metrics = createMetrics('engine');
    metrics.lookUp('handover_outbox_lag_seconds', () => Promise.reject(new Error('no connection')));
    metrics.lookUp('handover_commands_waiting', () => 7);
    const text = await metrics.text();
    expect(text).toContain('handover_commands_waiting{service="engine"} 7');
    expect(text).toContain('handover_outbox_lag_seconds{service="engine"} Nan');
  });
});
