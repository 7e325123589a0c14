import type { ServiceConfig } from '@handover/contracts';
import type { AddressPolicy } from '@handover/runtime/egress';
import type { AttemptResult } from '../deliveries/verdict.js';
import { createAmqpCourier } from './amqp.js';
import type { Brokers } from './amqp-broker.js';
import type { Destination, ServiceMessage } from './courier.js';
import { createWebhookCourier } from './webhook.js';
import { createZeromqCourier } from './zeromq.js';

/** One courier per provider. */
export interface Couriers {
  carry(message: ServiceMessage, to: Destination, signal: AbortSignal): Promise<AttemptResult>;
  close(): Promise<void>;
}

export function createCouriers(policy: AddressPolicy, brokers: Brokers): Couriers {
  const [amqp, zeromq, webhook] = [
    createAmqpCourier(brokers),
    createZeromqCourier(policy),
    createWebhookCourier(policy),
  ];
  return {
    carry: ({ ...message }, { config, ...place }, signal) => {
      switch (config.provider) {
        case 'amqp':
          return amqp.send(message, { ...place, config }, signal);
        case 'zeromq':
          return zeromq.send(message, { ...place, config }, signal);
        case 'webhook':
          return webhook.send(message, { ...place, config }, signal);
      }
    },
    async close() {
      await Promise.all([amqp.close(), zeromq.close(), webhook.close()]);
      await brokers.close();
    },
  };
}

/** Longest that one attempt at a service may take by its own settings, in milliseconds. */
export function longestAttempt(config: ServiceConfig): number {
  if (config.provider === 'zeromq') return config.sendTimeout + config.receiveTimeout;
  return config.timeout;
}
