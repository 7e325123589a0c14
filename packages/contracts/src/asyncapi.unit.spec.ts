import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.js';
import { EVENT_TYPES } from './events.js';
import { COMMANDS } from './messages/commands.js';

describe('the AsyncAPI document', () => {
  it('is valid by the official parser', async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument('1.2.3')));
    const errors = diagnostics.filter(({ severity }) => Number(severity) === 0);
    expect(errors.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.info().version()).toBe('1.2.3');
  });

  it('holds every command and every event of the contracts', () => {
    const { channels, components } = asyncApiDocument('1') as {
      channels: Record<string, { messages: Record<string, unknown> }>;
      components: { messages: Record<string, unknown> };
    };
    expect(Object.keys(channels)).toEqual([...COMMANDS.map(({ name }) => name), 'replies', 'events']);
    expect(Object.keys(channels.events?.messages ?? {})).toEqual(EVENT_TYPES);
    const messages = [...COMMANDS.map(({ name }) => name), ...EVENT_TYPES, 'reply', 'problem'];
    expect(Object.keys(components.messages)).toEqual(messages);
  });
});
