import * as fc from 'fast-check';

/**
 * Names of what exists, by kind, so that requests get somewhere. It grows while requests are made: what one of them
 * created, later ones find, change and take away.
 */
export class Known {
  readonly #byKind = new Map<string, Set<string>>();

  add(kind: string, ...names: readonly string[]): void {
    const stem = stemOf(kind);
    this.#byKind.set(stem, new Set([...(this.#byKind.get(stem) ?? []), ...names]));
  }

  /** Takes up what a request created: where it says the new thing is, else its id among things of that address. */
  learnCreated(address: string, location: string | null, body: unknown): void {
    const { id } = Object(body) as { id?: unknown };
    const [place, kind] = (location ?? `${address}/`).split('/').reverse();
    const name = location === null ? id : decodeURIComponent(place ?? '');
    if (kind !== undefined && typeof name === 'string') this.add(kind, name);
    this.learn(address, body);
  }

  /** Takes up ids in an answer: members that are called so, and those of what is listed at the address. */
  learn(address: string, body: unknown): void {
    for (const [member, value] of Object.entries(Object(body) as object)) {
      if (member.endsWith('Id') && typeof value === 'string') this.add(member, value);
    }
    if (!Array.isArray(body)) return;
    for (const { id } of body.slice(0, 5) as { id?: unknown }[]) {
      if (typeof id === 'string') this.add(address.split('/').at(-1) ?? '', id);
    }
  }

  /** One of a kind, where the word is a folder of an address (`cases`) or a member (`caseId`); of any kind where none is known. */
  of(word: string): fc.Arbitrary<string> {
    return fc.nat().map((nth) => {
      const alike = this.#byKind.get(stemOf(word));
      const names = alike ? [...alike] : [...this.#byKind.values()].flatMap((some) => [...some]);
      return names[nth % names.length] ?? '';
    });
  }

  /** One of any kind. */
  any(): fc.Arbitrary<string> {
    return this.of('');
  }
}

/** `cases`, `caseId` and `case_id` are about the same; so are `processes` and `process`. */
const stemOf = (word: string): string => word.replace(/_?id$/i, '').replace(/(?<=ss)es$|(?<!s)s$/, '');
