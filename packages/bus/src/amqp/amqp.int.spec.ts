import { type RabbitMqServer, startRabbitMq } from '@handover/testkit';
import { afterAll, beforeAll } from 'vitest';
import { amqpWorld } from '../../test/amqp-world.js';
import { busContract } from '../../test/bus.contract.js';
import { AMQP_CAPABILITIES } from './bus.js';

let server: RabbitMqServer;
beforeAll(async () => {
  server = await startRabbitMq();
});
afterAll(() => server.stop());

busContract('amqp', () => amqpWorld(server.url), AMQP_CAPABILITIES);
