import { compile, normalizeScenario, parseYaml } from '@handover/scenario';
import { instantiate, step, toDocument } from '@handover/process';
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let program: string;

/** The program as its user has it, in one file. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handover-cli-'));
  program = join(folder, 'handover.mjs');
  await build({
    entryPoints: [resolve(import.meta.dirname, 'main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@handover/source'],
    outfile: program,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function handover(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('error', failed).on('close', (code) => done({ code, out, err }));
  });
}

const GOOD = 'title: Handshake\nstates:\n  initial:\n    on: greet\n    goto: (done)\n';

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

describe('handover', () => {
  it('says what it can do, and of every command what it takes', async () => {
    const help = await handover(['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    const commands = [...help.out.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name ?? '');
    expect(commands).toEqual(['validate', 'check', 'test', 'diagram', 'deploy', 'verify']);
    for (const command of commands) {
      expect(await handover([command, '--help'])).toMatchObject({
        code: 0,
        out: expect.stringContaining(`handover ${command} `),
      });
    }
  });

  it.each([[[]], [['fly']], [['check']], [['check', '--loudly', 'x.yaml']], [['verify']]])(
    'exits with 2 when called with %j',
    async (args) => {
      expect(await handover(args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/usage|needed/) });
    },
  );
});

describe('validate and check', () => {
  it('say nothing of what is good', async () => {
    const good = await file('good.yaml', GOOD);
    expect(await handover(['validate', good])).toEqual({ code: 0, out: '', err: '' });
    expect(await handover(['check', good])).toEqual({ code: 0, out: '', err: '' });
  });

  it('name file and line of all that is wrong, in every file', async () => {
    const broken = await file('broken.yaml', 'states:\n  initial:\n    on: go\n   goto: x\n');
    const lost = await file('lost.yaml', GOOD.replace('(done)', 'nowhere'));
    const { code, err } = await handover(['validate', broken, lost, 'absent.yaml']);
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^error broken\.yaml:\d+:\d+: /),
      'error lost.yaml:5: /states/initial/goto must reference a state',
      'error absent.yaml: there is no such file',
    ]);
  });

  it('differ: an expression that does not parse has a valid form', async () => {
    const odd = await file('odd.yaml', `${GOOD}    title: !ref 'current..x'\n`);
    expect((await handover(['validate', odd])).code).toBe(0);
    expect(await handover(['check', odd])).toMatchObject({
      code: 1,
      err: expect.stringContaining('odd.yaml:6: /states/initial/title'),
    });
  });

  it('count warnings as errors when asked to', async () => {
    const tagged = await file('tagged.yaml', GOOD.replace('Handshake', '!nonsense Handshake'));
    expect(await handover(['check', tagged])).toMatchObject({
      code: 0,
      err: expect.stringContaining('warning tagged.yaml:1: '),
    });
    expect((await handover(['check', '--strict', tagged])).code).toBe(1);
  });
});

describe('test', () => {
  const EXAMPLES = resolve(import.meta.dirname, '../../../deploy/examples');
  const feature = (state: string): string => `Feature: Greeting

  Scenario: It ends
    Given the process is created from the "good" scenario
    And "Ann" is the actor
    When "Ann" does "greet"
    Then the process is in "${state}"
    And nothing is skipped

  Scenario: It begins
    Given the process is created from the "good" scenario
    Then the process is in "initial"
`;

  it('plays the examples', async () => {
    const { code, out } = await handover(['test', '--scenarios', EXAMPLES, join(EXAMPLES, 'features')]);
    expect([code, out.trim().split('\n').at(-1)]).toEqual([0, '12 passed, 0 failed']);
  });

  it('says which step of which line does not hold, and why, and goes on with the others', async () => {
    await file('good.yaml', GOOD);
    const path = await file('greeting.feature', feature('greeted'));
    expect(await handover(['test', '--scenarios', '.', path])).toEqual({
      code: 1,
      out: [
        'greeting.feature',
        '  ✗ It ends',
        '    greeting.feature:7: Then the process is in "greeted"',
        '      the process is in "(done)", not in "greeted"',
        '  ✓ It begins',
        '1 passed, 1 failed',
        '',
      ].join('\n'),
      err: '',
    });
    expect(await handover(['test', '--scenarios', '.', '--name', 'begins', path])).toMatchObject({ code: 0 });
    expect(await handover(['test', path], { LETSFLOW_SCENARIO_PATH: '.' })).toMatchObject({ code: 1 });
  });

  it('names the line of what is no feature, and fails when there is nothing to play', async () => {
    const odd = await file('odd.feature', 'Feature: f\n  Scenario: s\n    Given a\n    nonsense\n');
    const message = expect.stringMatching(/^error odd\.feature:4:5: expected: /) as string;
    expect(await handover(['test', odd])).toMatchObject({ code: 1, err: message });
    expect(await handover(['test', 'nowhere'])).toMatchObject({
      code: 1,
      err: 'error nowhere: there is no such file\n',
    });
    const empty = await file('empty.feature', '');
    expect(await handover(['test', empty])).toMatchObject({ code: 1, err: 'error There is nothing to play\n' });
  });
});

/** A process of two events, as the API answers it. */
function exported() {
  const scenario = compile(normalizeScenario(parseYaml(GOOD).value));
  const now = '2026-01-01T00:00:00.000Z';
  const { process: begun } = instantiate(scenario, { id: 'e0b3d5c0-0000-4000-8000-000000000001', now });
  return toDocument(step(begun, { action: 'greet', now }).process);
}

describe('diagram', () => {
  it('draws a scenario, and where a process is', async () => {
    const good = await file('good.yaml', GOOD);
    expect((await handover(['diagram', good])).out).toMatch(/^<svg [^]*<title>Handshake<\/title>[^]*<\/svg>\n$/);
    const process = await file('process.json', JSON.stringify(exported()));
    expect((await handover(['diagram', '--process', process, good])).out).toContain('The process is in “done”.');
  });
});

describe('verify', () => {
  it('holds for a process as it was exported, and ends with its head', async () => {
    const document = exported();
    const head = document.events.at(-1)?.hash ?? '';
    const process = await file('process.json', JSON.stringify(document));
    expect(await handover(['verify', process])).toEqual({ code: 0, out: `2 events, head ${head}\n`, err: '' });
    expect((await handover(['verify', '--head', head, process])).code).toBe(0);
  });

  it('finds what was changed, and what was cut off', async () => {
    const document = JSON.parse(JSON.stringify(exported())) as ReturnType<typeof exported>;
    const [first, second] = document.events;
    const forged = await file(
      'forged.json',
      JSON.stringify({ ...document, events: [first, { ...second, action: 'insult' }] }),
    );
    expect(await handover(['verify', forged])).toMatchObject({
      code: 1,
      err: 'error event 1: The content does not match the hash\n',
    });
    const cut = await file('cut.json', JSON.stringify({ ...document, events: [first] }));
    expect(await handover(['verify', '--head', second?.hash ?? '', cut])).toMatchObject({
      code: 1,
      err: expect.stringContaining('The chain ends with'),
    });
    const other = await file('other.json', '{}');
    expect(await handover(['verify', other])).toMatchObject({
      code: 1,
      err: expect.stringContaining('This is not a process'),
    });
  });
});

describe('deploy', () => {
  it('stores what is sound, with the token of the environment, and nothing when one file is not', async () => {
    const stored: { authorization: string | undefined; body: string }[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        stored.push({ authorization: request.headers.authorization, body });
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"s1","warnings":[]}');
      })();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const env = {
      HANDOVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      HANDOVER_TOKEN: 'secret',
    };
    const good = await file('good.yaml', GOOD);
    const lost = await file('lost.yaml', GOOD.replace('(done)', 'nowhere'));

    expect(await handover(['deploy', good, lost], env)).toMatchObject({ code: 1, out: '' });
    expect(stored).toEqual([]);
    expect(await handover(['deploy', good], env)).toEqual({ code: 0, out: 's1 good.yaml\n', err: '' });
    expect(stored).toEqual([{ authorization: 'Bearer secret', body: GOOD }]);
    await new Promise((done) => server.close(done));
  });

  it('exits with 3 when nobody answers', async () => {
    const good = await file('good.yaml', GOOD);
    const env = { HANDOVER_URL: 'http://127.0.0.1:1', HANDOVER_TOKEN: 'x' };
    expect((await handover(['deploy', good], env)).code).toBe(3);
  });
});
