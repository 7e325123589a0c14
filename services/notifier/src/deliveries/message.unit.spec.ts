import { describe, expect, it } from 'vitest';
import { messageBody } from './message.js';

describe('the body of a webhook message', () => {
  it('holds type, time and the event’s facts beside the ids they belong to', () => {
    const facts = {
      process: 'p1',
      title: 'Quote',
      scenario: { id: 's1', title: 'Quote' },
      state: '(accepted)',
      etag: 'abc',
    };
    const body = messageBody({
      specversion: '1.0',
      id: 'evt-1',
      source: 'handover/engine',
      type: 'process.started',
      subject: 'p1',
      time: '2025-03-01T12:00:00.000Z',
      datacontenttype: 'application/json',
      tenantid: 'acme',
      data: facts,
    });
    expect(JSON.parse(body)).toEqual({
      type: 'process.started',
      timestamp: '2025-03-01T12:00:00.000Z',
      data: { event: 'evt-1', tenant: 'acme', subject: 'p1', ...facts },
    });
  });
});
