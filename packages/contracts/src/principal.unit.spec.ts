import { describe, expect, it } from 'vitest';
import { PRIVILEGES, holds, principalSchema } from './principal.js';

const user = { tenant: 'acme', kind: 'user', id: 'ann', info: {}, roles: [], privileges: [] };

describe('a principal', () => {
  it('of a key says which key, and of a user says none', () => {
    const key = { id: 'k1', kind: 'global' };
    expect(principalSchema.safeParse(user).success).toBe(true);
    expect(principalSchema.safeParse({ ...user, kind: 'key', key }).success).toBe(true);
    expect(principalSchema.safeParse({ ...user, kind: 'key' }).success).toBe(false);
    expect(principalSchema.safeParse({ ...user, key }).success).toBe(false);
  });

  it('holds what it was given, and everything with *', () => {
    expect(holds({ privileges: ['process:step'] }, 'process:step')).toBe(true);
    expect(holds({ privileges: ['process:step'] }, 'process:super')).toBe(false);
    expect(PRIVILEGES.every((privilege) => holds({ privileges: ['*'] }, privilege))).toBe(true);
  });
});
