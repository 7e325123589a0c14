import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureRest } from './rest/rest.js';
import { showRest } from './rest/show.js';

const HELP = `Usage: npm run load -- [rest] [options]

Measures the built platform, all services as processes of their own, on a real Postgres with fsync on, beside two floors in
the same run: a minimal server with one UPDATE and one INSERT in a transaction per request (plain), and the same with
concurrent requests sharing a transaction (batched).

  rest            closed-loop clients step processes over REST: rates, latencies, processor time

  --quick         about two minutes in all
  --clients LIST  numbers of clients, such as 1,16,64,256
  --seconds N     how long each server is asked in a round
  --rounds N      rounds for each number of clients
  --warm-up N     how many seconds each server is asked before, not counted
  --json FILE     also write the figures to a file
  --help          this text

TEST_DATABASE_URL names the Postgres to use (an admin URL), AMQP_URL a RabbitMQ to use as the platform's bus.`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const options = optionsOf(argv);
  if (options === undefined || options.help) {
    (options ? console.log : console.error)(HELP);
    return options ? 0 : 2;
  }
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const { AMQP_URL } = process.env;
  const bus = AMQP_URL === undefined ? 'ZeroMQ' : 'RabbitMQ';
  const effort = options.quick ? { rounds: 2, seconds: 2, warmUp: 8 } : { rounds: 4, seconds: 4, warmUp: 15 };
  const report = await measureRest({
    clients: (options.clients ?? '1,16,64,256').split(',').map(Number),
    rounds: Number(options.rounds ?? effort.rounds),
    roundMs: Number(options.seconds ?? effort.seconds) * 1000,
    warmUpMs: Number(options['warm-up'] ?? effort.warmUp) * 1000,
    env: AMQP_URL === undefined ? {} : { AMQP_URL },
    say: (line) => console.log(line),
  });
  console.log(`\n${machine}; ${report.database}; bus: ${bus}\n\n${showRest(report)}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, bus, ...report }, undefined, 2)}\n`);
  return 0;
}

function optionsOf(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        quick: { type: 'boolean' },
        clients: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        'warm-up': { type: 'string' },
        json: { type: 'string' },
      },
    });
    return values;
  } catch {
    return undefined;
  }
}
