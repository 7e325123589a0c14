import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type ManagedChild, spawnNode } from '@handover/testkit';
import { expect } from 'vitest';
import { identityOf } from '../processes/identity.js';

export interface JournalEntry {
  readonly event: 'migrated' | 'started' | 'ready' | 'request' | 'interrupted' | 'stopped';
  readonly name: string;
  readonly pid: number;
  readonly url?: string;
  readonly reason?: string;
  readonly environment?: Record<string, string>;
  readonly method?: string;
  readonly body?: string;
  readonly authorization?: string;
}

/** The launcher as a child process on stand-in services, with all its files in one temporary directory. */
export class PlatformInHand {
  readonly directory: string;
  readonly #children: ManagedChild[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<PlatformInHand> {
    const platform = new PlatformInHand(await mkdtemp(join(tmpdir(), 'handover-launcher-')));
    // Passable for the user a database runs as that root starts.
    await chmod(platform.directory, 0o711);
    await platform.#furnish();
    return platform;
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  /** @param environment of the launcher; PORT is any free one unless it says otherwise */
  launch(environment: Record<string, string | undefined> = {}): ManagedChild {
    const child = spawnNode(join(import.meta.dirname, 'launcher.fixture.ts'), {
      args: [join(this.directory, 'services'), join(this.directory, 'examples')],
      env: {
        PORT: '0',
        HANDOVER_DATA: this.data,
        TMPDIR: this.directory,
        STAND_IN_JOURNAL: join(this.directory, 'journal'),
        DATABASE_URL: undefined,
        AMQP_URL: undefined,
        ...environment,
      },
    });
    this.#children.push(child);
    return child;
  }

  async ready(environment: Record<string, string | undefined> = {}): Promise<ManagedChild> {
    const child = this.launch(environment);
    await child.line(/^Handover is ready/, 60_000);
    return child;
  }

  async journal(event?: JournalEntry['event']): Promise<JournalEntry[]> {
    const text = await readFile(join(this.directory, 'journal'), 'utf8').catch(() => '');
    const entries = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalEntry);
    return event === undefined ? entries : entries.filter((entry) => entry.event === event);
  }

  /** The latest process of a service. */
  async pidOf(name: string): Promise<number> {
    const entry = (await this.journal('started')).findLast((started) => started.name === name);
    if (entry === undefined) throw new Error(`${name} was never started`);
    return entry.pid;
  }

  /** Fails when a process that any launcher of this test started still runs. */
  async expectNothingLeft(): Promise<void> {
    const pids = new Set([...(await this.journal()).map(({ pid }) => pid), ...(await this.#postgres())]);
    await eventually(async () => {
      const running = await Promise.all([...pids].map(async (pid) => ((await identityOf(pid)) ? [pid] : [])));
      expect(running.flat()).toEqual([]);
    });
  }

  async addExample(name: string, yaml: string): Promise<void> {
    await writeFile(join(this.directory, 'examples', name), yaml);
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.kill()));
    for (const { pid } of await this.journal('started')) {
      if (await identityOf(pid)) process.kill(pid, 'SIGKILL');
    }
    await this.expectNothingLeft();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #postgres(): Promise<number[]> {
    const pidFile = join(this.data, 'postgres', 'cluster', 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8').catch(() => undefined);
    return content === undefined ? [] : [Number.parseInt(content, 10)];
  }

  async #furnish(): Promise<void> {
    const standIn = join(import.meta.dirname, 'stand-in.mjs');
    for (const name of ['auth', 'engine', 'notifier', 'gateway']) {
      const folder = join(this.directory, 'services', name);
      await mkdir(join(folder, 'dist'), { recursive: true });
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await copyFile(standIn, join(folder, 'dist', 'main.js'));
      await copyFile(standIn, join(folder, 'dist', 'migrate.js'));
    }
    await mkdir(join(this.directory, 'examples'));
    await this.addExample('first.yaml', 'name: first');
    await this.addExample('second.yml', 'name: second');
    await this.addExample('notes.txt', 'not a scenario');
  }
}
