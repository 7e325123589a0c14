import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { EngineSchema } from '../database.js';

/** What the bearer of a capability may do: answer one notification of one entry of a state as one service. */
export interface ReplyRight {
  readonly id: string;
  readonly tenant: string;
  readonly process: string;
  readonly service: string;
  readonly state: string;
  /** When the state was entered, ISO 8601. */
  readonly entered: string;
}

/**
 * Signs rights for the engine's own use later. No time limit is written into one: it ends with the entry of the state it names,
 * and a reply may rightly take weeks.
 */
export interface Capabilities {
  sign(right: ReplyRight): Promise<string>;
  /** @returns undefined when it was not signed by the engine */
  read(capability: string): Promise<ReplyRight | undefined>;
}

interface Key {
  readonly id: string;
  readonly key: Buffer;
}

/** Unknown key ids are looked up at most this often. */
const REFRESH_INTERVAL_MS = 5_000;

/** HMAC-SHA256 with keys that every replica reads from the engine's schema. Form: `<key id>.<right>.<signature>`, in base64url. */
export function createCapabilities(db: Kysely<EngineSchema>): Capabilities {
  let keys: Promise<readonly Key[]> | undefined;
  let readAt = 0;

  const load = (): Promise<readonly Key[]> => {
    readAt = Date.now();
    const loaded = db.selectFrom('reply_keys').select(['id', 'key']).orderBy('created_at', 'desc').execute();
    loaded.catch(() => {
      if (keys === loaded) keys = undefined;
    });
    keys = loaded;
    return loaded;
  };

  const keyOf = async (id: string): Promise<Key | undefined> => {
    const known = (await (keys ?? load())).find((key) => key.id === id);
    if (known || Date.now() - readAt < REFRESH_INTERVAL_MS) return known;
    return (await load()).find((key) => key.id === id);
  };

  return {
    async sign({ id, tenant, process, service, state, entered }) {
      const [newest] = await (keys ?? load());
      if (!newest) throw new Error('there is no key to sign with');
      const right = Buffer.from(JSON.stringify([id, tenant, process, service, state, entered])).toString('base64url');
      return `${newest.id}.${right}.${macOf(newest, right).toString('base64url')}`;
    },

    async read(capability) {
      const [keyId = '', text = '', mac = '', ...more] = capability.split('.');
      const key = more.length === 0 ? await keyOf(keyId) : undefined;
      if (!key) return undefined;
      const given = Buffer.from(mac, 'base64url');
      const expected = macOf(key, text);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const members = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const [id, tenant, process, service, state, entered] = members;
      return { id, tenant, process, service, state, entered };
    },
  };
}

const macOf = ({ id, key }: Key, right: string): Buffer => createHmac('sha256', key).update(`${id}.${right}`).digest();
