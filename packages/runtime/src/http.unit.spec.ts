import { describe, expect, it } from 'vitest';
import { operationsApp } from './http.js';

const fine = { name: 'database', check: async () => undefined };
const missing = { name: 'bus', check: () => Promise.reject(new Error('no peer answers')) };

describe('the operations port', () => {
  it('says the process lives, whatever it depends on', async () => {
    const answer = await operationsApp([missing], () => false).request('/livez');
    expect(answer.status).toBe(200);
  });

  it('is ready when every dependency is', async () => {
    const answer = await operationsApp([fine], () => false).request('/readyz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok', checks: { database: 'ok' } });
  });

  it('names what is missing', async () => {
    const answer = await operationsApp([fine, missing], () => false).request('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'not ready', checks: { database: 'ok', bus: 'no peer answers' } });
  });

  it('is not ready while stopping, so that no new work is sent to it', async () => {
    const answer = await operationsApp([fine], () => true).request('/readyz');
    expect(answer.status).toBe(503);
  });
});
