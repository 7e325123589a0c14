import { z } from 'zod';
import { problemSchema } from './errors.js';
import { eventSchema } from './events.js';
import { COMMANDS, COMMAND_DOOR, COMMAND_EXCHANGE, type CommandContract } from './messages/commands.js';

type Json = Record<string, unknown>;

const PREFIX = 'handover';
const JSON_MEDIA = 'application/json';

/** Headers of a command, on AMQP in the header table, on ZeroMQ members of the frame. */
const commandHeaders = z.object({
  authorization: z.string().meta({ description: '`Bearer` and an API key or a JWT, as on REST.' }),
  'if-match': z.string().optional().meta({ description: 'ETag the process must have (`process.step`).' }),
  prefer: z
    .string()
    .optional()
    .meta({ description: '`return=representation`: the reply holds the process (`process.step`).' }),
  'request-id': z.string().optional().meta({ description: 'Appears in the logs; one is made when it is absent.' }),
  traceparent: z.string().optional().meta({ description: 'W3C trace context.' }),
});

const replyHeaders = z.object({
  status: z.number().int().meta({ description: 'The status REST would have answered.' }),
  etag: z.string().optional(),
  'last-modified': z.string().optional(),
  location: z.string().optional(),
  'retry-after': z.number().optional(),
});

/** What a message may hold, as JSON Schema. A type JSON Schema has no word for is any value. */
const jsonSchema = (schema: z.ZodType): Json => {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return inlined(rest, $defs) as Json;
};

/** Schemas that have a name of their own in the REST document are written out here: a reference would lead out of the message. */
function inlined(node: unknown, definitions: Json): unknown {
  if (Array.isArray(node)) return node.map((item) => inlined(item, definitions));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as Json;
  if (typeof $ref === 'string' && $ref.startsWith('#/$defs/')) {
    const { id: _name, ...definition } = definitions[$ref.slice('#/$defs/'.length)] as Json;
    return inlined(definition, definitions);
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, inlined(value, definitions)]));
}

const ref = (path: string) => ({ $ref: `#/${path}` });

/**
 * The platform as programs on the queue see it: commands in, replies and events out (AsyncAPI 3.0.0). Made of the contracts
 * that check the messages. ZeroMQ has no binding in AsyncAPI; what is different there stands under `x-zeromq`.
 */
export function asyncApiDocument(version: string): Json {
  const events = eventSchema.options.map((schema) => ({ type: schema.shape.type.value, schema }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Handover',
      version,
      description:
        'Commands are carried out once per `message-id` for as long as answers are kept, and answered with the body REST would have answered. Events are CloudEvents 1.0 in structured JSON: at least once and in order per process on AMQP, best effort on ZeroMQ.',
      license: { name: 'MIT' },
    },
    defaultContentType: JSON_MEDIA,
    servers: {
      broker: {
        host: 'localhost:5672',
        protocol: 'amqp',
        protocolVersion: '0.9.1',
        description: 'RabbitMQ 3.10 or later. The prefix `handover` is configurable (AMQP_PREFIX).',
      },
    },
    channels: {
      ...Object.fromEntries(COMMANDS.map((command) => [command.name, commandChannel(command)])),
      replies: {
        address: null,
        description: 'The queue that `reply-to` names; direct reply-to works, too.',
        messages: { reply: ref('components/messages/reply'), problem: ref('components/messages/problem') },
      },
      events: {
        address: '{tenant}.{type}.{scenario}',
        title: 'Events',
        description:
          'Topic of an event. The type has a dot in it; an event of no scenario, or of one without name, ends in `-`.',
        parameters: {
          tenant: { description: 'The tenant; characters a routing key does not take are dashes.' },
          type: { enum: events.map(({ type }) => type) },
          scenario: { description: 'Name of the scenario.' },
        },
        messages: Object.fromEntries(events.map(({ type }) => [type, ref(`components/messages/${type}`)])),
        bindings: { amqp: { is: 'routingKey', exchange: { name: `${PREFIX}.events`, type: 'topic', durable: true } } },
        'x-zeromq': { socket: 'PUB', frames: ['topic', 'event'], address: 'ZMQ_EVENTS', delivery: 'best effort' },
      },
    },
    operations: {
      ...Object.fromEntries(COMMANDS.map((command) => [`send.${command.name}`, commandOperation(command)])),
      events: { action: 'send', channel: ref('channels/events'), summary: 'Tells what happened.' },
    },
    components: {
      messages: {
        ...Object.fromEntries(COMMANDS.map((command) => [command.name, commandMessage(command)])),
        ...Object.fromEntries(
          events.map(({ type, schema }) => [
            type,
            { name: type, contentType: 'application/cloudevents+json', payload: jsonSchema(schema) },
          ]),
        ),
        reply: {
          name: 'ok',
          summary: 'The body REST would have answered; none where that has none.',
          contentType: JSON_MEDIA,
          headers: jsonSchema(replyHeaders),
          payload: {},
        },
        problem: {
          name: 'problem',
          summary: 'Why it was not carried out (RFC 9457).',
          contentType: 'application/problem+json',
          headers: jsonSchema(replyHeaders),
          payload: jsonSchema(problemSchema),
        },
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'In the header `authorization`.' } },
    },
  };
}

function commandChannel({ name, summary }: CommandContract): Json {
  return {
    address: name,
    description: summary,
    messages: { [name]: ref(`components/messages/${name}`) },
    bindings: {
      amqp: { is: 'routingKey', exchange: { name: `${PREFIX}.${COMMAND_EXCHANGE}`, type: 'direct', durable: true } },
    },
    'x-queue': COMMAND_DOOR,
    'x-zeromq': {
      socket: 'ROUTER; connect a DEALER or a REQ',
      address: 'ZMQ_COMMANDS',
      frame: 'one frame of JSON: command, message-id, correlation-id, content-type, body, and the headers beside them',
      reply:
        'one frame of JSON: reply (ok or problem), correlation-id, status, content-type, body, and the headers beside them',
    },
  };
}

function commandOperation({ name, summary, privilege }: CommandContract): Json {
  return {
    action: 'receive',
    channel: ref(`channels/${name}`),
    summary,
    description: `Needs the privilege \`${privilege}\`.`,
    security: [ref('components/securitySchemes/bearer')],
    messages: [ref(`channels/${name}/messages/${name}`)],
    reply: {
      address: {
        location: '$message.header#/reply-to',
        description: 'Absent: a rejection is told as `command.rejected`.',
      },
      channel: ref('channels/replies'),
      messages: [ref('channels/replies/messages/reply'), ref('channels/replies/messages/problem')],
    },
  };
}

function commandMessage({ name, summary, body, yaml, needsId }: CommandContract): Json {
  const id = needsId ? 'needed' : 'without it a redelivery carries the command out again';
  return {
    name,
    summary,
    description: `\`type\` is the name; \`message-id\` is the idempotency key (${id}).`,
    contentType: JSON_MEDIA,
    headers: jsonSchema(commandHeaders),
    payload: yaml ? { type: 'object', description: 'A scenario; as application/yaml, too.' } : jsonSchema(body),
  };
}
