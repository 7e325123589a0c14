import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { listen } from './http.js';

it('a server that closes lets a request finish, and does not wait for a client that keeps its connection', async () => {
  let arrived: () => void = () => undefined;
  const taken = new Promise<void>((resolve) => (arrived = resolve));
  let give: (response: Response) => void = () => undefined;
  const given = new Promise<Response>((resolve) => (give = resolve));
  const server = await listen(
    () => {
      arrived();
      return given;
    },
    { port: 0, host: '127.0.0.1' },
  );
  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    request(server.url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
  await taken;
  const closed = server.close();
  give(new Response('late'));
  expect(await answered).toBe(200);
  await closed;
  agent.destroy();
});
