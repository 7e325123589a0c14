import type { Principal, Privilege } from '@handover/contracts';
import { normalizeScenario } from '@handover/scenario';
import { describe, expect, it } from 'vitest';
import { isEntitled, ownsByPrivilege, recordedRoles, requireMayKeep, withPrivilegedRoles } from './privileged-roles.js';

const holder = (privileges: Privilege[], roles: string[] = []): Principal => ({
  tenant: 'acme',
  kind: 'user',
  id: 'ann',
  info: {},
  roles,
  privileges,
});

const RECORD = {
  actors: { writer: { role: 'privilege:workflows:write' }, reader: { role: ['privilege:workflows:read'] } },
  actions: { advance: { actor: 'writer' } },
  states: { initial: { on: 'advance', goto: '(done)' } },
};
const closed = (change: object = {}) => normalizeScenario({ ...RECORD, ...change });

describe('privileged roles', () => {
  it('are the privileges that are held, and none a token made up', () => {
    const { roles } = withPrivilegedRoles(holder(['workflows:read'], ['clerk', 'privilege:scenario:write']));
    expect(roles).toEqual(['clerk', 'privilege:workflows:read']);
  });

  it('are all of them for who may do everything', () => {
    const { roles } = withPrivilegedRoles(holder(['*']));
    expect(roles).toContain('privilege:workflows:write');
    expect(roles).not.toContain('privilege:*');
  });

  it('are recorded only where they gave the actor', () => {
    const anyone = withPrivilegedRoles(holder(['*'], ['clerk']));
    expect(recordedRoles(anyone, RECORD.actors.writer)).toEqual(['clerk', 'privilege:workflows:write']);
    expect(recordedRoles(anyone, { role: 'clerk' })).toEqual(['clerk']);
    expect(recordedRoles(anyone, undefined)).toEqual(['clerk']);
  });

  it('entitle who holds the privilege', () => {
    expect(isEntitled(holder(['workflows:write']), { role: 'privilege:workflows:write' })).toBe(true);
    expect(isEntitled(holder(['workflows:read']), { role: 'privilege:workflows:write' })).toBe(false);
    expect(isEntitled(holder(['workflows:write'], ['clerk']), { role: 'clerk' })).toBe(false);
    expect(isEntitled(holder(['workflows:write']), undefined)).toBe(false);
  });
});

describe('a closed scenario', () => {
  it('is kept by who holds the privilege of an actor who acts', () => {
    expect(ownsByPrivilege(holder(['workflows:write']), closed())).toBe(true);
    expect(ownsByPrivilege(holder(['workflows:read']), closed())).toBe(false);
    expect(ownsByPrivilege(holder(['process:start']), closed())).toBe(false);
  });

  it.each([
    ['an actor of an ordinary role', { actors: { ...RECORD.actors, clerk: { role: 'clerk' } } }],
    ['an actor without role', { actors: { ...RECORD.actors, anyone: {} } }],
    ['no actors', { actors: {} }],
    [
      'a service that is told',
      { states: { initial: { on: 'advance', goto: 'a' }, a: { notify: 'bank', on: 'advance', goto: '(done)' } } },
    ],
    ['a service that acts', { actions: { advance: { actor: ['writer', 'service:bank'] } } }],
    ['actors by expression', { actions: { advance: { actor: ['writer', { '<ref>': 'vars.who' }] } } }],
  ])('is none with %s', (_, change) => {
    const keep = () => requireMayKeep(holder(['workflows:write']), closed(change));
    expect(keep).toThrow(expect.objectContaining({ code: 'forbidden' }));
    expect(() => requireMayKeep(holder(['scenario:write']), closed(change))).not.toThrow();
  });
});
