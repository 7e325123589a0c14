// The service `document`, by webhook or over ZeroMQ: draws up a text.
//   SECRET=whsec_… node deploy/examples/programs/document-service.mjs http 4001
//   node deploy/examples/programs/document-service.mjs zeromq tcp://127.0.0.1:5601
import { httpWorker, WorkError } from '@handover/client/http';
import { zeromqWorker } from '@handover/client/zeromq';

const [transport, where] = process.argv.slice(2);
if (!['http', 'zeromq'].includes(transport) || !where) {
  console.error('usage: document-service.mjs http PORT | zeromq ADDRESS');
  process.exit(2);
}

const worker =
  transport === 'http'
    ? httpWorker({ port: Number(where), trust: { secrets: [process.env.SECRET ?? ''] } })
    : zeromqWorker({ services: { document: { address: where } } });

worker.on('document', async ({ title, lines }) => {
  // Another try would make no difference: the message is not sent again.
  if (!Array.isArray(lines)) throw new WorkError('A document has lines', 'never');
  console.log(`drawn up: ${title}`);
  return { document: [title, ...lines].join(' / ') };
});

await worker.start();
console.log('ready');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => worker.stop());
