export const DEFAULT_PREFIX = 'handover';

/** What things are called on the broker. One prefix keeps several installations apart on one virtual host. */
export class Names {
  constructor(readonly prefix: string) {}

  /** Topic exchange of everything published; routing key is the topic. */
  get events(): string {
    return `${this.prefix}.events`;
  }

  /** Fanout exchange and queue of dead letters. */
  get dead(): string {
    return `${this.prefix}.dead`;
  }

  /** Direct exchange of broadcasts; routing key is the channel. */
  get broadcast(): string {
    return `${this.prefix}.broadcast`;
  }

  /** Queue of a queue or subscription of the topology. */
  queue(destination: string): string {
    return `${this.prefix}.${destination}`;
  }

  /** Exchange outsiders publish to. */
  exchange(name: string): string {
    return `${this.prefix}.${name}`;
  }

  /** Queue of a door. The default installation's is called as the door is: outsiders' manuals name it. */
  door(name: string): string {
    return this.prefix === DEFAULT_PREFIX ? name : `${this.prefix}.${name}`;
  }

  /** Whether something of this name is the platform's own. */
  owns(name: string): boolean {
    return name.startsWith(`${this.prefix}.`);
  }

  /** Queue of the requests to a service. */
  requests(service: string): string {
    return `${this.prefix}.requests.${service}`;
  }
}
