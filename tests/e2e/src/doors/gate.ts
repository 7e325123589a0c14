import type { Bus, Message } from '@handover/bus';
import { stepProcess } from '@handover/contracts';

/** Stands between gateway and engine, and makes steps simultaneous that come to it one after the other. */
export interface Gate {
  readonly wire: (service: string, bus: Bus) => Bus;
  /** The next so many steps wait for each other. By then each was decided on at the gateway, on the same version. */
  together(steps: number): void;
  /** The next step waits until the clock shows this time. */
  until(time: Date): void;
}

export function gate(): Gate {
  let pass: () => Promise<void> = async () => undefined;

  const guarded = (bus: Bus): Bus => {
    const request: Bus['request'] = async (service: string, message: Message, options) => {
      if (message.type === stepProcess.type) await pass();
      return bus.request(service, message, options);
    };
    return new Proxy(bus, {
      get(target, name) {
        if (name === 'request') return request;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  };

  return {
    wire: (service, bus) => (service === 'gateway' ? guarded(bus) : bus),
    together(steps) {
      let missing = steps;
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      pass = async () => {
        missing -= 1;
        if (missing === 0) open();
        await opened;
      };
    },
    until(time) {
      pass = () => new Promise((resolve) => setTimeout(resolve, time.getTime() - Date.now()));
    },
  };
}
