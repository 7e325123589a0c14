import type { Bus } from '@handover/bus';
import { exchangeToken } from '@handover/contracts';

/**
 * Auth's bus, watched.
 * @param exchanges gets the id of every exchange it is asked for
 * @param losesBroadcasts asked whenever one is said: whether it gets lost
 */
export function watchedBus(bus: Bus, exchanges: string[], losesBroadcasts: () => boolean = () => false): Bus {
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'respond')
        return (...[service, handler, options]: Parameters<Bus['respond']>) =>
          target.respond(
            service,
            (delivery) => {
              if (delivery.type === exchangeToken.type) exchanges.push(delivery.id);
              return handler(delivery);
            },
            options,
          );
      if (name === 'broadcast' && losesBroadcasts()) return async () => undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
