import { METRICS, createMetrics } from '@handover/runtime';
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, '../../deploy/observability', name), 'utf8');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const dashboard = JSON.parse(read('dashboard.json')) as { readonly panels: readonly Panel[] };
const alerts = parse(read('alerts.yaml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
const rules = alerts.groups.flatMap((group) => group.rules);

/** Prometheus gives every sample these. */
const OF_EVERY_SAMPLE = ['service', 'instance', 'job'];

/** Every series there is, and its labels: those of the catalogue, and those the runtime of a process shows. */
async function knownSeries(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, ReadonlySet<string>>();
  for (const [name, { kind, labels }] of Object.entries(METRICS)) {
    const own = new Set([...labels, ...OF_EVERY_SAMPLE]);
    if (kind !== 'histogram') known.set(name, own);
    else for (const part of ['bucket', 'sum', 'count']) known.set(`${name}_${part}`, new Set([...own, 'le']));
  }
  const text = await createMetrics('engine', { withProcess: true }).text();
  for (const [, name = ''] of text.matchAll(/^((?:nodejs|process)_\w+)[{ ]/gm))
    known.set(name, new Set(OF_EVERY_SAMPLE));
  return known;
}

/** What is wrong with a query: its syntax, or what it asks for. */
function complaintsAbout(query: string, known: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  // Grafana puts a time in before it asks.
  const text = query.replaceAll('$__rate_interval', '5m');
  const complaints: string[] = [];
  const labels = new Set<string>();
  const allowed = new Set<string>();
  let series = 0;
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      const word = text.slice(from, to);
      if (type.isError) complaints.push(`no PromQL at ${from}: ${text.slice(from, from + 20)}`);
      if (type.name === 'LabelName') labels.add(word);
      if (type.name !== 'Identifier') return;
      series += 1;
      const own = known.get(word);
      if (!own) complaints.push(`there is no ${word}`);
      for (const label of own ?? []) allowed.add(label);
    },
  });
  if (series === 0) complaints.push('it asks for nothing');
  for (const label of labels) if (!allowed.has(label)) complaints.push(`nothing it asks for has a label ${label}`);
  return complaints;
}

describe('every query', () => {
  it.each([...panels, ...rules.map(({ alert, expr }) => [alert, expr] as const)])(
    'of %s asks for what is there: %s',
    async (_, query) => {
      expect(complaintsAbout(query, await knownSeries())).toEqual([]);
    },
  );

  it('that asked for something else would be found out', async () => {
    const known = await knownSeries();
    expect(complaintsAbout('sum(rate(handover_steps_total[5m])', known)).toEqual([
      'there is no handover_steps_total',
      expect.stringContaining('no PromQL'),
    ]);
    expect(complaintsAbout('handover_commit_seconds > 1', known)).toEqual(['there is no handover_commit_seconds']);
    expect(complaintsAbout('sum by (tenant) (handover_circuits_open)', known)).toEqual([
      'nothing it asks for has a label tenant',
    ]);
  });
});

describe('the dashboard and the alerts', () => {
  it('leave no metric of the catalogue out', async () => {
    const all = [...panels.map(([, expr]) => expr), ...rules.map(({ expr }) => expr)].join('\n');
    expect(Object.keys(METRICS).filter((name) => !all.includes(name))).toEqual([]);
  });

  it('say what is wrong and what to do', () => {
    for (const { labels, annotations } of rules) {
      expect(labels.severity).toMatch(/^(critical|warning|info)$/);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(20);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});
