import { startEmbeddedPostgres } from './start.js';

/** A process that owns a server and waits for its end: `owner.fixture.ts <data directory>`. */
const [, , dataDirectory = ''] = process.argv;
const server = await startEmbeddedPostgres({ dataDirectory });
process.stdout.write(`started ${server.adminUrl}\n`);
await server.exited;
