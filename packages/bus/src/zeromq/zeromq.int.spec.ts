import { busContract } from '../../test/bus.contract.js';
import { zeromqWorld } from '../../test/zeromq-world.js';
import { ZEROMQ_CAPABILITIES } from './bus.js';

busContract('zeromq', zeromqWorld, ZEROMQ_CAPABILITIES);
