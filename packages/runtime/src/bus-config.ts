import { leavesMachine, type BusConfig, type CurveConfig } from '@handover/bus';
import { ConfigError, type CommonConfig } from './config.js';

/** What of a bus's configuration the environment decides. */
export type Transport =
  | Pick<Extract<BusConfig, { transport: 'amqp' }>, 'transport' | 'url' | 'prefix'>
  | Pick<Extract<BusConfig, { transport: 'zeromq' }>, 'transport' | 'endpoints' | 'outside' | 'curve'>;

/** What the bus of a service is made of, by its environment. @throws ConfigError naming the variables that do not go together */
export function transport(config: CommonConfig): Transport {
  const { AMQP_URL, AMQP_PREFIX, ZMQ_ENDPOINTS, ZMQ_COMMANDS, ZMQ_EVENTS } = config;
  if (AMQP_URL !== undefined) {
    if (ZMQ_COMMANDS !== undefined || ZMQ_EVENTS !== undefined) {
      throw new ConfigError('ZMQ_COMMANDS and ZMQ_EVENTS belong to ZeroMQ; with AMQP_URL outsiders use the broker');
    }
    return { transport: 'amqp', url: AMQP_URL, prefix: AMQP_PREFIX };
  }
  if (ZMQ_ENDPOINTS === undefined) throw new ConfigError('either AMQP_URL or ZMQ_ENDPOINTS must be set');
  const curve = curveOf(config);
  if (!curve) refuseToLeave({ ...ZMQ_ENDPOINTS, ZMQ_COMMANDS, ZMQ_EVENTS });
  const outside = {
    service: 'engine',
    ...(ZMQ_COMMANDS !== undefined && { commands: ZMQ_COMMANDS }),
    ...(ZMQ_EVENTS !== undefined && { events: ZMQ_EVENTS }),
  };
  return { transport: 'zeromq', endpoints: ZMQ_ENDPOINTS, outside, ...(curve && { curve }) };
}

/** @returns undefined where no key is given. @throws ConfigError naming the variables that are missing beside those given */
function curveOf(config: CommonConfig): CurveConfig | undefined {
  const {
    ZMQ_CURVE_PUBLIC_KEY: publicKey,
    ZMQ_CURVE_SECRET_KEY: secretKey,
    ZMQ_CURVE_SERVER_KEYS: serverKeys,
    ZMQ_CURVE_CLIENTS: allowedClients,
    ZMQ_CURVE_OUTSIDERS: allowedOutsiders,
  } = config;
  const given = { publicKey, secretKey, serverKeys, allowedClients, allowedOutsiders };
  if (Object.values(given).every((value) => value === undefined)) return undefined;
  const hasOutside = config.ZMQ_COMMANDS !== undefined || config.ZMQ_EVENTS !== undefined;
  if (hasOutside && !allowedOutsiders) throw missing('ZMQ_CURVE_OUTSIDERS');
  if (publicKey === undefined) throw missing('ZMQ_CURVE_PUBLIC_KEY');
  if (secretKey === undefined) throw missing('ZMQ_CURVE_SECRET_KEY');
  if (!allowedClients) throw missing('ZMQ_CURVE_CLIENTS');
  const unknown = Object.keys(config.ZMQ_ENDPOINTS ?? {}).find((service) => serverKeys?.[service] === undefined);
  if (!serverKeys || unknown !== undefined) throw missing(`ZMQ_CURVE_SERVER_KEYS (${unknown ?? 'all services'})`);
  return { publicKey, secretKey, serverKeys, allowedClients, ...(allowedOutsiders && { allowedOutsiders }) };
}

const missing = (variable: string): ConfigError =>
  new ConfigError(`The configuration cannot be used:\n  ${variable}: is not set, and CURVE needs it`);

/** @throws ConfigError naming the first address that others than this machine could reach */
function refuseToLeave(addresses: Readonly<Record<string, string | undefined>>): void {
  for (const [name, address] of Object.entries(addresses)) {
    if (address === undefined || !leaves(name, address)) continue;
    const variable = name.startsWith('ZMQ_') ? name : `ZMQ_ENDPOINTS (${name})`;
    throw new ConfigError(
      `The configuration cannot be used:\n  ${variable}: ${address} leaves this machine, which needs ZMQ_CURVE_PUBLIC_KEY, ` +
        'ZMQ_CURVE_SECRET_KEY, ZMQ_CURVE_SERVER_KEYS, ZMQ_CURVE_CLIENTS and, for outsiders, ZMQ_CURVE_OUTSIDERS',
    );
  }
}

function leaves(name: string, address: string): boolean {
  try {
    return leavesMachine(name, address);
  } catch (error) {
    throw new ConfigError(`The configuration cannot be used:\n  ${(error as Error).message}`, { cause: error });
  }
}
