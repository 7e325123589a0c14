/** `npm start|test|run check|run build` on a fresh clone: needs node and npm, brings everything else. */
import process from 'node:process';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Handover needs Node 20.19 or newer; this is ${process.version} (${process.execPath}).`);
  process.exit(1);
}
// Loaded only now, so that an old Node reaches the message above.
const { main } = await import('./bootstrap/main.mjs');
await main(process.argv.slice(2));
