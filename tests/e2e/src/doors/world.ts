import { deflateSync, crc32 } from 'node:zlib';
import { startInProcess, type InProcess, type InProcessOptions } from '../in-process.js';

/** Ids of agent instances. */
export const INSTANCE = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
export const OTHER_INSTANCE = '06587974-2dbe-4e10-8bf9-38cce0f5a366';
export const CUSTOMER = '160c0c4b-9966-4dc1-a916-8407eb10d74e';

/** The platform, and keys that hold just what each REST surface asks for. */
export interface Doors {
  readonly platform: InProcess;
  readonly admin: string;
  readonly rival: string;
  /** processes:* and assets:*. */
  readonly operator: string;
  /** Proxy keys of two agent instances. */
  readonly agent: string;
  readonly otherAgent: string;
  /** workflows:admin. */
  readonly dashboard: string;
  /** cases:*, workflows:run and workflows:read. */
  readonly backend: string;
  send(method: string, path: string, token: string, json?: unknown, headers?: Record<string, string>): Promise<Answer>;
  key(privileges: readonly string[], more?: Record<string, unknown>, of?: string): Promise<string>;
}

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a body it says in its expectation
  readonly body: any;
  readonly headers: Headers;
}

export async function openDoors(options: InProcessOptions = {}): Promise<Doors> {
  const platform = await startInProcess(options);
  const user = (tenant: string, id: string) =>
    platform.jwt({ id, roles: ['admin'], tenant, info: { name: 'Alice Admin' } });
  const admin = await user('acme', 'alice');
  const rival = await user('rival', 'alice');
  const send: Doors['send'] = async (method, path, token, json, headers = {}) => {
    const answer = await platform.call(method, path, { token, ...(json !== undefined && { json }), headers });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  };
  const key: Doors['key'] = async (privileges, more = {}, of = admin) => {
    const issued = await send('POST', '/apikey', of, { name: 'a key', privileges, ...more });
    if (issued.status !== 201) throw new Error(JSON.stringify(issued.body));
    return String((issued.body as { token: unknown }).token);
  };
  const proxy = (instance: string) => key(['workflows:read', 'workflows:write'], { kind: 'proxy', instance });
  return {
    platform,
    admin,
    rival,
    operator: await key(['processes:read', 'processes:write', 'assets:read', 'assets:write']),
    agent: await proxy(INSTANCE),
    otherAgent: await proxy(OTHER_INSTANCE),
    dashboard: await key(['workflows:admin']),
    backend: await key(['cases:read', 'cases:write', 'workflows:run', 'workflows:read']),
    send,
    key,
  };
}

/** A PNG of one black pixel, or of as many as are asked for. */
export function png(width = 1, height = 1): string {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const picture = [
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(height * (width + 1)))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return `data:image/png;base64,${Buffer.concat(picture).toString('base64')}`;
}
