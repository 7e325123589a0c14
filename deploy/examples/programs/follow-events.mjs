// Hears of every process that is completed. Over RabbitMQ it has a queue, where what it missed waits for it.
//   AMQP_URL=amqp://localhost node deploy/examples/programs/follow-events.mjs
//   ZMQ_EVENTS=tcp://127.0.0.1:5572 node deploy/examples/programs/follow-events.mjs
import { consumeEvents } from '@handover/client/amqp';
import { subscribeEvents } from '@handover/client/zeromq';

const { AMQP_URL: url, AMQP_PREFIX: prefix, QUEUE: queue = 'completions', ZMQ_EVENTS: address = '' } = process.env;
const topics = ['*.process.completed.#'];

const tell = async ({ subject, data }) => console.log(`completed ${subject}: ${data.state}`);
const following = url
  ? await consumeEvents({ url, queue, topics, ...(prefix && { prefix }) }, tell)
  : subscribeEvents({ address, topics }, tell);

console.log('ready');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => following.stop());
