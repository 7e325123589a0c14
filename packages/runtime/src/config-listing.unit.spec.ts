import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configTable, configVariables, effectiveConfig } from './config-listing.js';
import { ConfigError } from './config.js';

const schema = z.object({
  LIMIT: z.coerce.number().default(5).describe('Most of them.'),
  KEY: z.string().min(4).meta({ description: 'Opens the door.', secret: true }),
  NAME: z.string().optional().describe('One | other.'),
});

describe('the listing of a configuration', () => {
  it('tells of each variable what it means, its default, and whether it is needed', () => {
    expect(configVariables(schema)).toEqual([
      { name: 'LIMIT', description: 'Most of them.', required: false, secret: false, default: '5' },
      { name: 'KEY', description: 'Opens the door.', required: true, secret: true },
      { name: 'NAME', description: 'One | other.', required: false, secret: false },
    ]);
  });

  it('is a table that no text of its own breaks', () => {
    expect(configTable(configVariables(schema)).split('\n').slice(2)).toEqual([
      '| `LIMIT` | `5` | Most of them. |',
      '| `KEY` | **required** | Opens the door. |',
      '| `NAME` |  | One \\| other. |',
    ]);
  });

  it('shows the effective values and where they come from, but no secret', () => {
    const shown = effectiveConfig(schema, { LIMIT: '7', KEY: 'sesame' });
    expect(shown).toBe('LIMIT=7  # environment\nKEY=[secret]  # environment\nNAME=  # not set');
  });

  it('refuses to show what cannot be used', () => {
    expect(() => effectiveConfig(schema, { KEY: 'no' })).toThrow(ConfigError);
  });
});
