// Asks for a quote by a command on the queue, and prints the id of the process.
//   HANDOVER_TOKEN=… AMQP_URL=amqp://localhost node deploy/examples/programs/request-quote.mjs Acme claire@example.com '50 chairs'
//   HANDOVER_TOKEN=… ZMQ_COMMANDS=tcp://127.0.0.1:5571 node deploy/examples/programs/request-quote.mjs …
import { ProblemError } from '@handover/client';
import * as amqp from '@handover/client/amqp';
import * as zeromq from '@handover/client/zeromq';

const { HANDOVER_TOKEN: token = '', AMQP_URL: url, AMQP_PREFIX: prefix, ZMQ_COMMANDS: address = '' } = process.env;
const [company, email, wish] = process.argv.slice(2);

const commander = url
  ? await amqp.connectCommander({ url, token, ...(prefix && { prefix }) })
  : zeromq.connectCommander({ address, token });
try {
  const { body } = await commander.send('process.start', {
    scenario: 'quote-by-services',
    actors: { customer: { id: 'claire' } },
    action: { key: 'request', response: { company, email, wish } },
  });
  console.log(body.id);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await commander.close();
}
