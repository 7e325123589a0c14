import { describe, expect, it } from 'vitest';

import { emptyRegistry, schemaRegistry } from '../schema/index.js';
import { checkScenario, validateScenario, type Finding, type ValidateOptions } from './index.js';

const withAction = (action: object) => ({ actions: { go: action }, states: { initial: { on: 'go', goto: '(done)' } } });
const lines = (findings: readonly Finding[]) =>
  findings.map(({ instancePath, message }) => `${instancePath}: ${message}`);
const errorsOf = (document: unknown, options?: ValidateOptions) => lines(checkScenario(document, options).errors);
const warningsOf = (document: unknown, options?: ValidateOptions) => lines(checkScenario(document, options).warnings);

describe('checkScenario', () => {
  it('finds all that validation finds', () => {
    const document = { states: { initial: { on: 'go', goto: 'nowhere' } } };
    expect(checkScenario(document).errors).toEqual(validateScenario(document).errors);
    expect(checkScenario(null)).toMatchObject({ valid: false, errors: [{ message: 'must be object' }] });
  });

  it('finds expressions and templates that do not parse, wherever a process would evaluate them', () => {
    const bad = { '<ref>': 'vars.list[' };
    const document = {
      actions: {
        go: {
          description: { '<tpl>': '{{#a}}' },
          update: [{ set: 'vars.x', value: { deep: [bad] } }],
          ui: { '<select>': { $: 'a', a: bad, b: { '<ref>': 'fine' } } },
          response: bad,
        },
      },
      states: {
        initial: {
          transitions: [
            {
              on: 'go',
              goto: '(done)',
              if: bad,
              log: { title: { '<tpl>': { template: '{{/x}}', view: { a: bad } } } },
            },
          ],
          notify: [{ service: 's', message: { '<tpl>': { template: { '<ref>': 'x' }, partials: { p: '{{' } } } }],
        },
      },
      ui: bad,
    };
    const paths = checkScenario(document).errors.map(({ instancePath }) => instancePath);
    expect(paths.sort()).toEqual([
      '/actions/go/description/<tpl>',
      '/actions/go/response/<ref>',
      '/actions/go/ui/<select>/a/<ref>',
      '/actions/go/update/0/value/deep/0/<ref>',
      '/states/initial/notify/0/message/<tpl>/partials/p',
      '/states/initial/transitions/0/if/<ref>',
      '/states/initial/transitions/0/log/title/<tpl>/template',
      '/states/initial/transitions/0/log/title/<tpl>/view/a/<ref>',
    ]);
    expect(validateScenario(document).valid).toBe(true);
  });

  it('finds updates of what must not be updated', () => {
    const update = ['title', 'scenario.title', 'vars.a', 'vars.__proto__.x'].map((set) => ({ set }));
    expect(errorsOf(withAction({ update }))).toEqual([
      "/actions/go/update/1/set: Not allowed to set 'scenario.title' through update instructions",
      '/actions/go/update/3/set: Cannot set unsafe key: "__proto__"',
    ]);
    expect(errorsOf(withAction({ update: 'current.key' }))).toEqual([
      "/actions/go/update: Not allowed to set 'current.key' through update instructions",
    ]);
    expect(errorsOf(withAction({ update: { set: { '<ref>': 'vars.path' } } }))).toEqual([]);
  });

  it('finds tags that no process may have', () => {
    const tags = (...instructions: object[]) =>
      withAction({ update: instructions.map((instruction) => ({ set: 'tags', ...instruction })) });
    expect(errorsOf(tags({ value: 'a' }, { value: ['a', 5] }, { mode: 'append', value: '' }))).toEqual([
      '/actions/go/update/0/value: cannot be tags, which must be a list of strings',
      '/actions/go/update/1/value: cannot be tags, which must be a list of strings',
      '/actions/go/update/2/value: cannot be tags, which must have 1 to 300 characters each',
    ]);
    const fine = [{ value: ['a'] }, { mode: 'append', value: 'b' }, { value: ['a', { '<ref>': 'vars.tag' }] }, {}];
    expect(errorsOf(tags(...fine))).toEqual([]);
  });

  it('finds rings of automatic transitions, sure ones as errors and others as warnings', () => {
    const auto = (goto: string, condition?: unknown) => ({
      on: null,
      goto,
      ...(condition !== undefined && { if: condition }),
    });
    const ring = (first: object, second: object) => ({
      states: {
        initial: { on: 'go', goto: 'a' },
        a: { transitions: [first] },
        b: { transitions: [second, { on: 'leave', goto: '(done)' }] },
        c: { transitions: [auto('a')] },
      },
    });
    const maybe = { '<ref>': 'vars.again' };
    expect(errorsOf(ring(auto('b'), auto('a')))).toEqual([
      "/states/a: Automatic transitions do not come to rest in state 'a'",
      "/states/b: Automatic transitions do not come to rest in state 'b'",
    ]);
    expect(errorsOf(ring(auto('b'), auto('a', maybe)))).toEqual([]);
    expect(warningsOf(ring(auto('b'), auto('a', maybe)))).toEqual([
      "/states/a: Automatic transitions may not come to rest in state 'a'",
      "/states/b: Automatic transitions may not come to rest in state 'b'",
    ]);
    expect(checkScenario(ring(auto('b'), auto('a', false)))).toMatchObject({ errors: [], warnings: [] });
    expect(checkScenario(ring(auto('b'), auto('(done)')))).toMatchObject({ errors: [], warnings: [] });
  });

  it('finds schemas that cannot be used', () => {
    const vars = { a: { minLength: 1, pattern: '(' }, b: { $ref: '#/$defs/nothing' } };
    const [pattern, reference] = errorsOf({ ...withAction({}), vars }, { schemas: emptyRegistry });
    expect(pattern).toMatch(/^\/vars\/a: cannot be used as a schema: /);
    expect(reference).toBe("/vars/b: cannot be used as a schema: can't resolve reference #/$defs/nothing from id #");
  });

  it('given no registry, only warns of schemas that are elsewhere', () => {
    const document = withAction({ response: 'https://x.test/form', schema: 'ui-form' });
    expect(checkScenario(document)).toMatchObject({ valid: true, warnings: [{}, {}] });
    expect(checkScenario(document, { schemas: emptyRegistry })).toMatchObject({
      valid: false,
      errors: [{ instancePath: '/actions/go/response' }, { instancePath: '/actions/go/schema' }],
      warnings: [],
    });
    const schemas = schemaRegistry({ 'https://x.test/form': { type: 'object' }, 'schema:ui-form': true });
    expect(checkScenario(document, { schemas })).toEqual({ valid: true, errors: [], warnings: [] });
  });

  it('warns of keywords and formats without effect, of `()` and of actors nobody declares', () => {
    const document = {
      actors: { client: { role: 'client', properties: { phone: { format: 'phone' } } }, 'guest_*': null },
      actions: { go: { response: { min: 1 } } },
      states: {
        initial: { transitions: [{ on: 'go', by: ['client', 'guest_7', 'nobody', 'service:x'], goto: '()' }] },
      },
    };
    expect(warningsOf(document)).toEqual([
      '/actors/client/properties/phone/format: unknown format "phone" ignored',
      '/actions/go/response/min: unknown keyword: "min"',
      '/states/initial/transitions/0/goto: is not the name of an end state',
      '/states/initial/transitions/0/by: names an actor that is not declared: nobody',
    ]);
  });

  it('warns of a time that will not be waited for', () => {
    const at = '2026-12-24T18:00:00Z';
    const document = { states: { initial: { at, transitions: [{ on: 'go', at, goto: '(done)' }] } } };
    expect(warningsOf(document)).toEqual([
      '/states/initial/at: is no timeout beside another way out',
      '/states/initial/transitions/0/at: is no timeout beside another way out',
    ]);
  });

  it('given an end state with properties that break its normal form, says so', () => {
    const document = { states: { initial: { on: 'go', goto: '(done)' }, '(done)': { goto: 'initial' } } };
    expect(errorsOf(document)).toContain(": Invalid state '(done)': 'goto' without 'on' or 'after'");
  });
});
