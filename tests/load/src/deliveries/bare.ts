import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

/** What the platform is held against: a loop that signs and posts, and keeps nothing. */
export class BareSender {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #body: Record<string, unknown>;
  readonly #secret = Buffer.alloc(32, 's');

  /** @param body a message of the platform, sent with another id and time each */
  constructor(url: string, body: Record<string, unknown>, connections: number) {
    this.#agent = new Agent({ connections });
    this.#url = url;
    this.#body = body;
  }

  /** @throws Error when the receiver says anything but yes */
  async send(): Promise<void> {
    const at = new Date();
    const [id, timestamp] = [randomUUID(), String(Math.floor(at.getTime() / 1_000))];
    const body = JSON.stringify({ ...this.#body, timestamp: at.toISOString() });
    const signature = createHmac('sha256', this.#secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    const answer = await request(this.#url, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`the receiver answered ${answer.statusCode}`);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
