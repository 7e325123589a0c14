import { once } from 'node:events';
import { createServer } from 'node:net';

/** Finds out before anything is started. @throws an error that says what to do when the port cannot be had */
export async function checkPort(port: number, host: string): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (cause) {
    throw new Error(explain((cause as NodeJS.ErrnoException).code, port, host), { cause });
  }
  probe.close();
  await once(probe, 'close');
}

function explain(code: string | undefined, port: number, host: string): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is in use: end what uses it, or choose another with PORT=… (0 takes any free one)`;
  }
  if (code === 'EACCES') return `port ${port} is reserved: choose one from 1024 on with PORT=…`;
  return `cannot listen on ${host}, port ${port} (${code}): choose another address with HOST=… or PORT=…`;
}
