import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const accountSchema = z.object({
  id: z.string(),
  info: z.object({ name: z.string().optional() }).optional(),
  roles: z.array(z.string()).default([]),
  token: z.string(),
});
export type DemoAccount = z.infer<typeof accountSchema>;

/** The accounts this installation offers for a try, with their tokens. @throws when the gateway refuses */
export async function demoAccounts(address: string): Promise<DemoAccount[]> {
  const response = await send(`${address}/demo-accounts`, {});
  return z.array(accountSchema).parse(await response.json());
}

/** Storing the same scenario again changes nothing. @param yaml its source. @throws when the gateway refuses */
export async function storeScenario(address: string, token: string, yaml: string): Promise<void> {
  const headers = { 'content-type': 'application/yaml', authorization: `Bearer ${token}` };
  const response = await send(`${address}/scenarios`, { method: 'POST', headers, body: yaml });
  await response.body?.cancel();
}

const PATIENCE_MS = 10_000;
const NOT_YET = [502, 503, 504];

/** Asks again while the services behind the gateway are still finding each other. */
async function send(url: string, request: RequestInit): Promise<Response> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) return response;
    const reason = `${response.status} ${(await response.text()).slice(0, 500)}`;
    if (!NOT_YET.includes(response.status) || performance.now() > deadline) throw new Error(reason);
    await delay(200);
  }
}
