import { eventually, startReceiver, type ReceivedRequest } from '@handover/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { startBackups } from './src/backups.js';
import { createClient, eachOf, type Client } from './src/client.js';
import { COUNTING } from './src/counting.js';
import { difference, newLedger, type Ledger } from './src/ledger.js';
import { startOwnInstallation, type OwnInstallation } from './src/own-installation.js';
import { inFull, tell } from './src/size.js';

const CLIENTS = 8;
/** Steps of one process; a client that has done them takes up the next process. */
const STEPS = 5;
/** Processes between the base backup and the point in time, and after it. */
const PROCESSES = inFull(400, 40);
const DUE_MS = 8_000;
const PATIENCE_MS = 60_000;

const PLAYER = { player: { id: 'ann' } };
const WAITING = `
title: Waiting
states: { initial: { after: ${DUE_MS / 1_000} seconds, goto: (late) } }
`;
const MAILING = `
title: Mailing
actions: { mailed: { actor: 'service:mail' } }
states:
  initial:
    notify: { service: mail, trigger: mailed }
    on: mailed
    goto: (mailed)
`;

interface Document {
  readonly current: { readonly key: string };
  readonly events: readonly {
    readonly hash: string;
    readonly action?: string;
    readonly response?: number;
    readonly skipped?: boolean;
  }[];
}
interface Delivery {
  readonly id: string;
  readonly process?: string;
}

/** What a client knows of one of its processes. */
interface Known {
  readonly ledger: Ledger;
  /** ETag of the last answer. */
  head: string;
  hasEnded: boolean;
}

async function start(client: Client, scenario: string, actors: object = PLAYER): Promise<{ id: string; head: string }> {
  const { body, etag } = await client.insist('/processes', { scenario, actors });
  return { id: (body as { id: string }).id, head: hashOf(etag) };
}

/** Clients that step processes until they are told to end, and note what they were answered. */
function startPlaying(client: Client, scenario: string) {
  const known = new Map<string, Known>();
  let [lastNumber, ended, isGoing] = [0, 0, true];
  const play = async (): Promise<void> => {
    const { id, head } = await start(client, scenario);
    const own: Known = { ledger: newLedger(), head, hasEnded: false };
    known.set(id, own);
    for (let step = 1; step <= STEPS; step++) {
      const number = ++lastNumber;
      const { etag } = await client.insist(`/processes/${id}/add`, number);
      own.ledger.acknowledged.add(number);
      own.head = hashOf(etag);
    }
    own.head = hashOf((await client.insist(`/processes/${id}/finish`)).etag);
    own.hasEnded = true;
    ended += 1;
  };
  const all = Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (isGoing) await play();
    }),
  );
  all.catch(() => undefined);
  return {
    /** Resolves when so many more processes have ended. */
    async next(count: number): Promise<void> {
      const enough = ended + count;
      await Promise.race([
        eventually(() => expect(ended).toBeGreaterThanOrEqual(enough), { withinMs: PATIENCE_MS }),
        all.then(() => Promise.reject(new Error('the clients have stopped'))),
      ]);
    },
    /** What is known this moment. */
    known: (): ReadonlyMap<string, Known> =>
      new Map([...known].map(([id, { ledger, ...rest }]) => [id, { ...rest, ledger: structuredClone(ledger) }])),
    /** @returns the number of the last step ever sent */
    async end(): Promise<number> {
      isGoing = false;
      await all;
      return lastNumber;
    },
  };
}

const hashOf = (etag: string | null): string => (etag ?? '').replaceAll('"', '');
const idOf = ({ headers }: ReceivedRequest): string => headers['webhook-id'] ?? '';

it(
  'an installation restored to a point in time goes on from there',
  { timeout: inFull(900_000, 600_000) },
  async () => {
    const before = await startOwnInstallation();
    const running = new Set<OwnInstallation>([before]);
    const backups = await startBackups(before.postgres);
    const heard = await startReceiver();
    /** Has been away since before the point in time. */
    const away = await startReceiver({ script: [503] });
    onTestFinished(async () => {
      for (const installation of running) expect(await installation.stop()).toEqual([]);
      await Promise.all([heard.close(), away.close()]);
      await backups.remove();
    });

    // An installation at work, from which a base backup is taken.
    const client = createClient(before);
    await client.insist('/webhooks', { url: heard.url, events: ['process.completed'] });
    const counting = await client.store(COUNTING);
    const waiting = await client.store(WAITING);
    const players = startPlaying(client, counting);
    await players.next(PROCESSES);
    await backups.takeBase();
    await players.next(PROCESSES);

    // What is under way at the point in time: a timer, a webhook's message and a service's, none of which got through.
    await fetch(`${before.url}/services/mail`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${before.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'webhook', url: `${away.url}/mail` }),
    });
    const { id: mailing } = await start(client, await client.store(MAILING), {});
    await client.insist('/webhooks', { url: `${away.url}/hook`, events: ['process.completed'] });
    const { id: told } = await start(client, counting);
    await client.insist(`/processes/${told}/finish`);
    const pending = await eventually(
      async () => {
        const deliveries = await client.read<readonly Delivery[]>('/deliveries?status=pending&limit=200');
        const found = [mailing, told].flatMap((id) => deliveries.filter(({ process }) => process === id));
        expect(found).toHaveLength(2);
        return found.map(({ id }) => id);
      },
      { withinMs: PATIENCE_MS },
    );
    const { id: late } = await start(client, waiting, {});

    const known = players.known();
    const point = await backups.now();
    expect((await client.read<Document>(`/processes/${late}`)).current.key).toBe('initial');
    const { id: tooLate } = await start(client, counting);
    await players.next(PROCESSES);
    const lastNumber = await players.end();
    const firstEnd = await heard.requestThat(({ body }) => body.includes(late), PATIENCE_MS);
    await backups.archiveLog();

    // All is gone, but the backups and the secrets. The roles, which were in the backup, get another password.
    const secrets = { ...before.services.secrets, database: 'of-the-restored-one' };
    running.delete(before);
    expect(await before.stop()).toEqual([]);
    const heardBefore = heard.requests.length;
    away.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' });

    const began = performance.now();
    const after = await startOwnInstallation({ postgres: { directory: await backups.restore(point) }, secrets });
    running.add(after);
    const restored = createClient(after);
    const restoredMs = performance.now() - began;

    // What was acknowledged is there, once, in chains that hold, with the heads that were last seen.
    const figures = { acknowledged: 0, lost: 0, duplicated: 0, invalid: 0, 'other heads': 0, unannounced: 0 };
    await eachOf([...known], CLIENTS, async ([id, { ledger, head, hasEnded }]) => {
      const { events } = await restored.read<Document>(`/processes/${id}`);
      const chain = await restored.read<{ valid: boolean; head: string }>(`/processes/${id}/verify`);
      const there = events.filter(({ action, skipped }) => action === 'add' && skipped !== true);
      for (let number = 1; number <= lastNumber; number++) ledger.unknown.add(number);
      const { lost, doubled, unheardOf } = difference(
        ledger,
        there.map(({ response = 0 }) => response),
      );
      figures.acknowledged += ledger.acknowledged.size;
      figures.lost += lost.length;
      figures.duplicated += doubled.length + unheardOf.length;
      if (!chain.valid) figures.invalid += 1;
      // Steps may have been committed by then whose answers were still under way.
      const isSeen = hasEnded ? chain.head === head : events.some(({ hash }) => hash === head);
      if (!isSeen) figures['other heads'] += 1;
      if (!hasEnded) return;
      // Told before, or told now, or told twice: as the same message.
      await heard.requestThat(({ body }) => body.includes(id), PATIENCE_MS).catch(() => (figures.unannounced += 1));
      const ids = heard.requests.filter(({ body }) => body.includes(id)).map(idOf);
      expect(new Set(ids).size).toBeLessThanOrEqual(1);
    });
    expect((await restored.send('GET', `/processes/${tooLate}`)).status).toBe(404);

    // The timer came due meanwhile and fires, once: in this history it had not.
    const secondEnd = await heard.requestThat(
      (request) => request.body.includes(late) && idOf(request) !== idOf(firstEnd),
      PATIENCE_MS,
    );
    const { current, events } = await restored.read<Document>(`/processes/${late}`);
    expect([current.key, events.length]).toEqual(['(late)', 2]);

    // What waited for its receivers reaches them, as the messages it was.
    const reached = await Promise.all(
      pending.map((id) =>
        eventually(
          async () => expect(await restored.read(`/deliveries/${id}`)).toMatchObject({ status: 'delivered' }),
          { withinMs: PATIENCE_MS },
        ),
      ),
    );
    const idsOfAway = new Set(away.requests.map(idOf));
    expect([...idsOfAway].filter((id) => pending.includes(id)).sort()).toEqual([...pending].sort());
    expect(away.requests.filter(({ path }) => path === '/mail').map(idOf)).toEqual(
      away.requests.filter(({ path }) => path === '/mail').map(() => pending[0]),
    );

    // It is an installation like others.
    const { id: next } = await start(restored, counting);
    await restored.insist(`/processes/${next}/finish`);
    await heard.requestThat(({ body }) => body.includes(next), PATIENCE_MS);
    expect(heard.requests.filter((request) => idOf(request) === idOf(secondEnd))).toHaveLength(1);
    tell('restored to a point in time', {
      processes: known.size,
      ...figures,
      'told again': heard.requests.length - heardBefore,
      pending: reached.length,
      'restored ms': Math.round(restoredMs),
    });
    expect(figures).toMatchObject({ lost: 0, duplicated: 0, invalid: 0, 'other heads': 0, unannounced: 0 });
  },
);
