// The service `email`, over RabbitMQ. It prints what a real one would send.
//   AMQP_URL=amqp://localhost node deploy/examples/programs/email-service.mjs
import { amqpWorker } from '@handover/client/amqp';

const { AMQP_URL: url = 'amqp://localhost', QUEUE: queue = 'email' } = process.env;

const worker = amqpWorker({ url, queues: { email: { queue } } }).on('email', async ({ to, subject, text }, { id }) => {
  // A message may come twice, with the same id: a mail server that is given it sends it once.
  console.log(`to ${to}: ${subject} | ${text}`);
  return { receipt: id };
});

await worker.start();
console.log('ready');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => worker.stop());
