import type { ConfirmChannel } from 'amqplib';
import { Correspondence, type Commander, type Outgoing } from '../commands.js';
import { openSession, type SessionOptions } from './session.js';

export interface AmqpCommanderOptions extends SessionOptions {
  readonly token: string | (() => string | Promise<string>);
  /** First word of the platform's names on the broker; default `handover`. */
  readonly prefix?: string;
}

interface ReplyProperties {
  readonly correlationId?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}

const REPLIES = 'amq.rabbitmq.reply-to';

/**
 * Publishes commands to `<prefix>.commands`. They are on the broker's disk when they are sent, so they are carried out even if the
 * answer finds nobody any more. After a lost connection those without an answer are sent again under their ids.
 */
export async function connectCommander(options: AmqpCommanderOptions): Promise<Commander> {
  const { prefix = 'handover', token } = options;
  const correspondence = new Correspondence();

  const post = async (
    channel: ConfirmChannel,
    { command, id, contentType, headers, body }: Outgoing,
  ): Promise<void> => {
    const bearer = typeof token === 'function' ? await token() : token;
    const content = Buffer.from(contentType === 'application/json' ? JSON.stringify(body) : String(body));
    channel.publish(`${prefix}.commands`, command, content, {
      type: command,
      messageId: id,
      correlationId: id,
      replyTo: REPLIES,
      contentType,
      persistent: true,
      headers: { ...headers, authorization: `Bearer ${bearer}` },
    });
  };

  const session = await openSession(options, async (channel) => {
    await channel.checkExchange(`${prefix}.commands`);
    await channel.consume(
      REPLIES,
      (message) => {
        if (!message) return void channel.close().catch(() => undefined);
        const { correlationId, type, headers = {} } = message.properties as ReplyProperties;
        const text = message.content.toString('utf8');
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        const { status, ...others } = headers;
        correspondence.answered(correlationId, type === 'problem', {
          status: Number(status),
          body,
          headers: others,
        });
      },
      { noAck: true },
    );
    for (const outgoing of correspondence.underWay) await post(channel, outgoing);
  });

  return {
    send: (command, body, sendOptions = {}) =>
      correspondence.ask(command, body, sendOptions, async (outgoing) => post(session.channel, outgoing)),
    async close() {
      correspondence.close();
      await session.close();
    },
  };
}
