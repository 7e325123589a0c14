import { authConfig } from '@handover/auth/in-process';
import { engineConfig } from '@handover/engine/in-process';
import { gatewayConfig } from '@handover/gateway/in-process';
import { notifierConfig } from '@handover/notifier/in-process';
import { Ajv } from 'ajv';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHART } from './src/chart/manifests.js';

const read = (name: string): string => readFileSync(resolve(CHART, name), 'utf8');
const values = parse(read('values.yaml')) as Record<string, unknown>;
const templates = readdirSync(resolve(CHART, 'templates')).map((name) => [name, read(`templates/${name}`)] as const);
const isValid = new Ajv({ strict: false }).compile(JSON.parse(read('values.schema.json')) as object);

describe('the values of the chart', () => {
  it('are as their schema has them', () => {
    expect(isValid(values), JSON.stringify(isValid.errors)).toBe(true);
  });

  it.each([
    ['a service that there is not', { ...values, services: { ...(values.services as object), extra: {} } }],
    ['a number of replicas that is none', { ...values, services: { engine: { replicas: 'two' } } }],
    ['a misspelt name', { ...values, loglevel: 'info' }],
  ])('are refused with %s', (_, wrong) => {
    expect(isValid(wrong)).toBe(false);
  });

  it.each(templates)('have what %s asks of them', (_, text) => {
    const paths = [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path);
    const missing = paths.filter((path) => {
      const found = path
        .split('.')
        .reduce<unknown>((place, name) => (place as Record<string, unknown>)?.[name], values);
      return found === undefined;
    });
    expect(missing).toEqual([]);
  });
});

describe('the templates of the chart', () => {
  it('set no variable that no service reads', () => {
    const known = new Set(
      [authConfig, engineConfig, gatewayConfig, notifierConfig].flatMap(({ shape }) => Object.keys(shape)),
    );
    const text = read('templates/services.yaml');
    const set = [...text.matchAll(/name: ([A-Z_]+),|fromSecret" \(list "([A-Z_]+)"/g)].map(
      ([, one, other]) => one ?? other,
    );
    expect(set.length).toBeGreaterThan(8);
    expect(set.filter((name) => !known.has(name ?? ''))).toEqual([]);
  });
});
