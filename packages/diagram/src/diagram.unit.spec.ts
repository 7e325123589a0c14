import { instantiate, step, timeout, toDocument, type Process } from '@handover/process';
import { compile, normalizeScenario, parseYaml } from '@handover/scenario';
import { describe, expect, it } from 'vitest';

import { diagram, DiagramTooLarge, LARGEST } from './diagram.js';

const NOW = '2026-01-01T00:00:00.000Z';

const scenarioOf = (yaml: string) => normalizeScenario(parseYaml(yaml).value);

const REVIEW = scenarioOf(`
title: Review
actors: {author: {title: Author}, reviewer: {title: Reviewer}}
actions:
  submit: {title: Hand it in, actor: author}
  judge: {title: Judge it, actor: reviewer, update: vars.score}
states:
  initial: {on: submit, by: author, goto: waiting}
  waiting:
    transitions:
      - {on: judge, goto: sorting}
      - {after: 10 days, goto: (expired)}
  sorting:
    transitions:
      - {on: ~, if: !ref "vars.score > \`5\`", goto: (good)}
      - {on: ~, goto: (poor)}
vars: {score: number}
`);

interface Deed {
  action?: string;
  actor?: string;
  response?: unknown;
}

/** A process of the scenario after some deeds; one without action is time that passes. */
function after(scenario: typeof REVIEW, ...deeds: Deed[]) {
  let process: Process = instantiate(compile(scenario), {
    id: 'e0b3d5c0-0000-4000-8000-000000000001',
    now: NOW,
  }).process;
  for (const { action, actor = 'author', response } of deeds) {
    const change = action
      ? step(process, { action, actor, response, now: NOW })
      : timeout(process, { now: NOW, timePassed: 1e9 });
    process = change?.process ?? process;
  }
  const { current, events } = toDocument(process);
  return { current: current.key, events };
}

/** Boxes and arrows that are marked, as a reader of the file finds them: the texts of a state, by what they look like. */
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');
const labelsTaken = (svg: string): string[] =>
  [...svg.matchAll(/font-size="12" fill="#0b5cad">([^<]*)</g)].map(([, text]) => text ?? '');

describe('the diagram of a scenario', () => {
  const svg = diagram(REVIEW);

  it('shows every state, action, actor, time and condition', () => {
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'initial',
        'waiting',
        'sorting',
        'Hand it in',
        'Author',
        'Judge it',
        'Reviewer',
        'after 10 days',
      ]),
    );
    expect(texts(svg)).toEqual(expect.arrayContaining(['[vars.score &gt; `5`]', 'automatically', 'good', '(good)']));
  });

  it('is the same text every time', () => {
    expect(diagram(REVIEW)).toBe(svg);
  });

  it('has a title, and tells those who do not see it the same', () => {
    expect(svg).toContain('<title>Review</title>');
    expect(svg).toContain('From “waiting”: Judge it by Reviewer to “sorting”; after 10 days to “expired”.');
    expect(svg).toContain('“good” is an end.');
  });

  it('draws what time does and what happens by itself unlike what people do', () => {
    expect(svg.match(/stroke-dasharray="7 4"/g)).toHaveLength(1);
    expect(svg.match(/stroke-dasharray="2 4"/g)).toHaveLength(2);
  });

  it('needs no style, script, id or anything from elsewhere, so no policy can spoil it', () => {
    expect(svg).not.toMatch(/<style|style=|<script|\bid=|href|url\(/);
  });

  it('shows what users wrote as text, whatever it is', () => {
    const hostile = scenarioOf(`
      title: '</title><script>alert(1)</script>'
      states:
        initial: {title: "\\"><img onerror='x'>\\u0000\\uD800", on: '</text><a>', goto: (done)}
    `);
    const drawn = diagram(hostile);
    expect(drawn).not.toMatch(/<script|<img|<a>|\0|\p{Surrogate}/u);
    expect(drawn).toContain('&lt;/title&gt;&lt;script&gt;');
  });

  it('draws one arrow for what is possible everywhere', () => {
    const states = Array.from({ length: 20 }, (_, n) => `s${n}: {on: go, goto: ${n === 19 ? '(done)' : `s${n + 1}`}}`);
    const drawn = diagram(
      scenarioOf(
        `states:\n  "*": {transitions: [{on: cancel, goto: (cancelled)}]}\n  initial: {on: go, goto: s0}\n  ${states.join('\n  ')}`,
      ),
    );
    expect(texts(drawn).filter((text) => text === 'cancel')).toHaveLength(1);
    expect(texts(drawn)).toContain('Any state');
    expect(drawn).toMatch(/From “s7”: [^.]*cancel to “cancelled”/);
  });

  it('writes what leads back to its state into the state', () => {
    const drawn = diagram(
      scenarioOf(`{states: {initial: {transitions: [{on: talk, goto: ~}, {on: stop, goto: (done)}]}}}`),
    );
    expect(texts(drawn)).toContain('talk: stays here');
  });

  it('is refused where nobody could read it', () => {
    const states = Array.from({ length: LARGEST.states }, (_, n) => `s${n}: {on: go, goto: (done)}`);
    const large = scenarioOf(`states:\n  initial: {on: go, goto: s0}\n  ${states.join('\n  ')}`);
    expect(() => diagram(large)).toThrow(DiagramTooLarge);
  });
});

describe('the diagram of a process', () => {
  it('marks the state it is in and the way it took there, through automatic transitions', () => {
    const svg = diagram(
      REVIEW,
      after(REVIEW, { action: 'submit' }, { action: 'judge', actor: 'reviewer', response: 9 }),
    );
    expect(labelsTaken(svg)).toEqual(['Hand it in', 'Judge it']);
    expect(svg).toContain('The process is in “good”. It has been in “initial”, “waiting”, “sorting”.');
  });

  it('knows a timeout from an action', () => {
    const svg = diagram(REVIEW, after(REVIEW, { action: 'submit' }, {}));
    expect(labelsTaken(svg)).toEqual(['Hand it in', 'after 10 days']);
  });

  it('does not take a refusal for a way', () => {
    const svg = diagram(REVIEW, after(REVIEW, { action: 'judge', actor: 'reviewer', response: 9 }));
    expect(labelsTaken(svg)).toEqual([]);
    expect(svg).toContain('The process is in “initial”.');
  });

  it('claims nothing where two ways explain the same events', () => {
    const fork = scenarioOf(`
      states:
        initial: {transitions: [{on: go, if: !ref vars.left, goto: left}, {on: go, goto: right}]}
        left: {on: stop, goto: (done)}
        right: {on: stop, goto: (done)}
      vars: {left: boolean}
    `);
    const svg = diagram(fork, after(fork, { action: 'go', actor: 'actor' }, { action: 'stop', actor: 'actor' }));
    expect(svg).toContain('The process is in “done”. It has been in “initial”.');
  });
});
