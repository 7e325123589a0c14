import { z } from 'zod';
import { defineRequest } from '../request.js';
import { outgoingHeadersSchema } from './outgoing-headers.js';

/** A service's name as scenarios write it, without `service:`. */
export const serviceNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.-]{0,99}$/, 'must be letters, digits, dots, dashes and underscores, at most 100');

const milliseconds = (most: number) => z.coerce.number().int().min(1).max(most);
const text = z.string().max(2_000);

/** What every provider understands, beside what is its own. */
const limits = {
  /** Most messages under way to it from one notifier. */
  concurrency: z.coerce.number().int().min(1).max(1_000).optional(),
  /** Most messages per second from one notifier. */
  rate: z.coerce.number().min(0.01).max(10_000).optional(),
};

/** engine-service §8.6, with its defects mended (E34): POST unless said otherwise, JSON unless the message is a text. */
export const webhookServiceSchema = z.strictObject({
  provider: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  headers: outgoingHeadersSchema().default({}),
  timeout: milliseconds(300_000).default(30_000),
  /** `whsec_…`: messages are signed by it (Standard Webhooks). */
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
    .optional(),
  ...limits,
});

/** engine-service §8.4, with its defects mended (E31, E32). Members from `headers` on are passed to the broker as they are. */
export const amqpServiceSchema = z.strictObject({
  provider: z.literal('amqp'),
  url: z.url({ protocol: /^amqps?$/ }).max(2_000),
  exchange: z.string().max(255).default(''),
  routingKey: z.string().max(255).default(''),
  appId: z.string().max(255).default('letsflow'),
  persistent: z.boolean().default(true),
  timeout: milliseconds(300_000).default(10_000),
  reply: z.boolean().optional(),
  replyTo: z.string().min(1).max(255).optional(),
  /** Seconds. */
  responseTimeout: z.coerce.number().min(1).max(31_536_000).default(30),
  headers: z.record(z.string().max(255), z.union([text, z.number(), z.boolean()])).default({}),
  priority: z.number().int().min(0).max(255).optional(),
  expiration: z.union([z.string().regex(/^\d+$/), z.number().int().min(0)]).optional(),
  type: z.string().max(255).optional(),
  userId: z.string().max(255).optional(),
  contentEncoding: z.string().max(255).optional(),
  ...limits,
});

/** engine-service §8.5, as intended (E33): a request and its reply, with 30 seconds' time. */
export const zeromqServiceSchema = z.strictObject({
  provider: z.literal('zeromq'),
  type: z.enum(['push', 'reply']).default('push'),
  address: z
    .string()
    .max(2_000)
    .regex(/^(tcp|ipc):\/\/\S+$/, 'must be a ZeroMQ endpoint such as tcp://host:5555'),
  sendTimeout: milliseconds(300_000).default(10_000),
  receiveTimeout: milliseconds(300_000).default(30_000),
  linger: z.number().int().min(0).max(60_000).optional(),
  sendHighWaterMark: z.number().int().min(1).max(1_000_000).optional(),
  curveServerKey: z.string().length(40).optional(),
  curvePublicKey: z.string().length(40).optional(),
  curveSecretKey: z.string().length(40).optional(),
  plainUsername: z.string().max(255).optional(),
  plainPassword: z.string().max(255).optional(),
  ...limits,
});

/** How a service is reached: a flat object, told apart by `provider`. */
export const serviceConfigSchema = z.discriminatedUnion('provider', [
  amqpServiceSchema,
  zeromqServiceSchema,
  webhookServiceSchema,
]);
export type ServiceConfig = z.infer<typeof serviceConfigSchema>;

/** A service as it is shown: secrets are masked. */
export const serviceSchema = z.looseObject({
  name: z.string(),
  provider: z.enum(['amqp', 'zeromq', 'webhook']),
  /** `file`: from the configuration of the platform, where it is changed too. */
  source: z.enum(['file', 'tenant']),
  /** ISO 8601; absent for those of the configuration. */
  updated: z.string().optional(),
  /** `open`: it failed so often that it is left alone until then, but for one try at a time. */
  circuit: z.object({ state: z.enum(['closed', 'open']), failures: z.number().int(), until: z.string().optional() }),
});
export type Service = z.infer<typeof serviceSchema>;

export const listServices = defineRequest({
  type: 'service.list.v1',
  service: 'notifier',
  body: z.object({}),
  answer: z.object({ services: z.array(serviceSchema) }),
});

export const getService = defineRequest({
  type: 'service.get.v1',
  service: 'notifier',
  body: z.object({ name: z.string().max(200) }),
  answer: serviceSchema,
});

/** Sets how a service is reached, whole. What waits for it is sent. */
export const putService = defineRequest({
  type: 'service.put.v1',
  service: 'notifier',
  body: z.object({ name: serviceNameSchema, config: serviceConfigSchema }),
  answer: z.object({ created: z.boolean(), service: serviceSchema }),
});

/** Forgets a tenant's service. What is still to be sent to it waits. */
export const deleteService = defineRequest({
  type: 'service.delete.v1',
  service: 'notifier',
  body: z.object({ name: z.string().max(200) }),
  answer: z.object({}),
});

/** Which of these names are of no service the caller's tenant has. For any known caller: it tells what a delivery would. */
export const unknownServices = defineRequest({
  type: 'service.unknown.v1',
  service: 'notifier',
  body: z.object({ names: z.array(z.string().max(200)).max(1_000) }),
  answer: z.object({ unknown: z.array(z.string()) }),
});
