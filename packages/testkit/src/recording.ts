/** Things that happen during a test, in order, and a way to wait for them without sleeping. */
export class Recording<Item> {
  readonly #items: Item[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #what: string;

  /** @param what names the items in a failure, such as `requests` */
  constructor(what: string) {
    this.#what = what;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Takes no `this` from its caller: `bus.subscribe('…', seen.record)` works. */
  readonly record = (item: Item): void => {
    this.#items.push(item);
    for (const look of [...this.#waiting]) look();
  };

  /** The n-th item, counted from 1; waits until it is there. @throws when it is not there in time */
  nth(n: number, withinMs = 10_000): Promise<Item> {
    return this.#until(() => (this.#items.length >= n ? { found: this.#items[n - 1] as Item } : undefined), {
      withinMs,
      wanted: `number ${n}`,
    });
  }

  /** The first item, past or future, that the predicate accepts. @throws when there is none in time */
  first(accepts: (item: Item) => boolean, withinMs = 10_000): Promise<Item> {
    let next = 0;
    const look = () => {
      while (next < this.#items.length) {
        const item = this.#items[next++] as Item;
        if (accepts(item)) return { found: item };
      }
      return undefined;
    };
    return this.#until(look, { withinMs, wanted: 'one that fits' });
  }

  #until(look: () => { found: Item } | undefined, limit: { withinMs: number; wanted: string }): Promise<Item> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        finish();
      };
      const check = () => {
        try {
          const result = look();
          if (result) settle(() => resolve(result.found));
        } catch (error) {
          settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const timer = setTimeout(() => settle(() => reject(this.#missing(limit))), limit.withinMs);
      this.#waiting.add(check);
      check();
    });
  }

  #missing({ wanted, withinMs }: { wanted: string; withinMs: number }): Error {
    const last = this.#items.slice(-20).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    const seen = [`${this.#items.length} ${this.#what} so far`, ...last].join('\n  ');
    return new Error(`waited ${withinMs} ms for ${wanted} of the ${this.#what}; ${seen}`);
  }
}
