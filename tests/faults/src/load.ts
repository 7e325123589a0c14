import { Recording, type Receiver } from '@handover/testkit';
import { createClient, eachOf, type Client } from './client.js';
import { COUNTING } from './counting.js';
import { difference, newLedger, type Ledger } from './ledger.js';
import type { Platform } from './platform.js';

/** Steps of one process; a client that has done them takes up the next process. */
const STEPS = 6;
/** Every so many steps are sent once only: nobody knows whether they were carried out when there is no answer. */
const SENT_ONCE = 3;
const CLIENTS = 12;
const PATIENCE_MS = 90_000;

interface Document {
  readonly events: readonly { readonly action?: string; readonly response?: number; readonly skipped?: boolean }[];
}

/** What there is to say about a load that has ended. */
export type Figures = Readonly<
  Record<'processes' | 'acknowledged' | 'lost' | 'duplicated' | 'unanswered' | 'unannounced', number>
> & { readonly refused: string };

/** Clients that step processes, note every yes, and hold the histories against their notes in the end. */
export interface Load {
  readonly client: Client;
  /** Steps that were answered with a yes, by number. */
  readonly acknowledgements: Recording<number>;
  /** How long single requests took that were carried out, ms. */
  readonly durations: number[];
  /** Milliseconds until so many more were acknowledged. */
  next(count: number): Promise<number>;
  /** Lets the clients finish what they have begun, and looks. */
  end(): Promise<Figures>;
}

/** @param receiver gets the completions, at `/completions` */
export async function startLoad(platform: Pick<Platform, 'url' | 'token'>, receiver: Receiver): Promise<Load> {
  const client = createClient(platform);
  const acknowledgements = new Recording<number>('acknowledgements');
  const durations: number[] = [];
  const ledgers = new Map<string, Ledger>();
  let lastNumber = 0;
  let isGoing = true;
  const { id: webhook } = (
    await client.insist('/webhooks', { url: `${receiver.url}/completions`, events: ['process.completed'] })
  ).body as { id: string };
  const scenario = await client.store(COUNTING);

  const play = async (): Promise<void> => {
    const start = { scenario, actors: { player: { id: 'ann' } } };
    const { id } = (await client.insist('/processes', start)).body as { id: string };
    const ledger = newLedger();
    ledgers.set(id, ledger);
    for (let step = 1; step <= STEPS; step++) {
      const number = ++lastNumber;
      const path = `/processes/${id}/add`;
      const began = performance.now();
      if (step % SENT_ONCE > 0) await client.insist(path, number);
      else if ((await client.send('POST', path, { body: number })).status !== 204) {
        ledger.unknown.add(number);
        continue;
      }
      durations.push(performance.now() - began);
      ledger.acknowledged.add(number);
      acknowledgements.record(number);
    }
    await client.insist(`/processes/${id}/finish`);
  };
  let giveUp: (error: unknown) => void = () => undefined;
  const gaveUp = new Promise<never>((_, reject) => (giveUp = reject));
  gaveUp.catch(() => undefined);
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (isGoing) await play();
  }).map((playing) =>
    playing.catch((error: unknown) => {
      isGoing = false;
      giveUp(error);
    }),
  );

  return {
    client,
    acknowledgements,
    durations,
    async next(count) {
      const began = performance.now();
      const enough = acknowledgements.nth(acknowledgements.items.length + count, PATIENCE_MS);
      await Promise.race([enough, gaveUp]);
      return performance.now() - began;
    },
    async end() {
      isGoing = false;
      await Promise.race([Promise.all(clients), gaveUp]);
      let [lost, duplicated, unannounced] = [0, 0, 0];
      await eachOf([...ledgers], CLIENTS, async ([process, ledger]) => {
        const { events } = await client.read<Document>(`/processes/${process}`);
        const there = events.filter(({ action, skipped }) => action === 'add' && skipped !== true);
        const differs = difference(
          ledger,
          there.map(({ response = 0 }) => response),
        );
        lost += differs.lost.length;
        duplicated += differs.doubled.length + differs.unheardOf.length;
        await receiver.requestThat(({ body }) => body.includes(process), PATIENCE_MS).catch(() => (unannounced += 1));
      });
      await client.send('DELETE', `/webhooks/${webhook}`);
      const all = [...ledgers.values()];
      return {
        processes: ledgers.size,
        acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
        lost,
        duplicated,
        unanswered: all.reduce((sum, { unknown }) => sum + unknown.size, 0),
        unannounced,
        refused: JSON.stringify(Object.fromEntries(client.refused)),
      };
    },
  };
}
