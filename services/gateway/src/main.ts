import { runService } from '@handover/runtime';
import { startGateway } from './app.js';
import { gatewayConfig } from './config.js';

await runService({
  name: 'gateway',
  config: gatewayConfig,
  start: ({ config, ...ports }) => startGateway(config, ports),
});
