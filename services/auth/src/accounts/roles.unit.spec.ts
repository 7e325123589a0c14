import { describe, expect, it } from 'vitest';
import { privilegesOf } from './roles.js';

const map = {
  admin: ['*' as const],
  clerk: ['process:start' as const, 'scenario:read' as const],
  '*': ['process:start' as const],
};

describe('privileges of roles', () => {
  it('are everyone’s when no role is held', () => {
    expect(privilegesOf([], map)).toEqual(['process:start']);
  });

  it('are the union of all roles, each privilege once', () => {
    expect(privilegesOf(['clerk', 'admin'], map)).toEqual(['process:start', 'scenario:read', '*']);
  });

  it('do not grow by a role the map does not know, nor by names every object inherits', () => {
    expect(privilegesOf(['ghost', 'constructor', '__proto__'], map)).toEqual(['process:start']);
  });
});
