import { answerByAdapter } from './adapter.js';
import { answerBareAmqp } from './bare-amqp.js';
import { answerBareZeromq } from './bare-zeromq.js';
import type { Way } from './way.js';

/** Answers every request with its own body, as a program of its own. Usage: node echo.js WAY, as JSON; says `listening`. */
const way = JSON.parse(process.argv[2] ?? '') as Way;
const answerBare = way.transport === 'amqp' ? answerBareAmqp : answerBareZeromq;
// Ends with a profile where one is asked for (node --cpu-prof).
process.once('SIGTERM', () => process.exit(0));
await (way.by === 'bare' ? answerBare(way) : answerByAdapter(way));
process.stdout.write('listening\n');
