import { afterEach, beforeEach, describe } from 'vitest';
import type { BusCapabilities } from '../src/index.js';
import { broadcastContract } from './contract/broadcast.js';
import { consumerCrashContract } from './contract/consumer-crash.js';
import { doorContract } from './contract/door.js';
import { lifecycleContract } from './contract/lifecycle.js';
import { networkContract } from './contract/network.js';
import { orderContract } from './contract/order.js';
import { queueContract } from './contract/queue.js';
import { requestContract } from './contract/request.js';
import { subscriptionContract } from './contract/subscription.js';
import type { Contract, World } from './world.js';

/**
 * What every adapter of the bus must do, against real sockets.
 * @param create opens an installation of its own for one test
 * @param capabilities what the adapter declares; a promise it does not make is skipped with its reason
 */
export function busContract(name: string, create: () => Promise<World>, capabilities: BusCapabilities): void {
  describe(`bus contract: ${name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await create();
    });
    afterEach(() => world.dispose());
    const contract: Contract = { open: () => world, capabilities };
    requestContract(contract);
    queueContract(contract);
    orderContract(contract);
    subscriptionContract(contract);
    broadcastContract(contract);
    doorContract(contract);
    lifecycleContract(contract);
    networkContract(contract);
    consumerCrashContract(contract);
  });
}
