/** A value names are looked up in, and those around it. */
export class Context {
  readonly value: unknown;
  /** How many contexts a name is looked up in: this one and those around it. */
  readonly depth: number;
  readonly #outer: Context | undefined;

  constructor(value: unknown, outer?: Context) {
    this.value = value;
    this.#outer = outer;
    this.depth = 1 + (outer?.depth ?? 0);
  }

  /** @returns A context for a value inside this one. */
  push(value: unknown): Context {
    return new Context(value, this);
  }

  /**
   * Looks a name up, in the innermost context that has it. `.` is the context itself, `a.b` a member of a member.
   *
   * @returns The value, undefined when no context has it.
   */
  lookup(name: string): unknown {
    if (name === '.') return this.value;
    // As in mustache.js: a name that starts with a dot is no path.
    const path = name.indexOf('.') > 0 ? name.split('.') : undefined;
    return this.#find(name, path)?.value;
  }

  /** Contexts are nested no deeper than templates may be. */
  #find(name: string, path: readonly string[] | undefined): Found | undefined {
    const found = path ? follow(this.value, path) : ownMember(this.value, name);
    if (found || !this.#outer) return found;
    return this.#outer.#find(name, path);
  }
}

interface Found {
  readonly value: unknown;
}

/** Only own members: neither `constructor` nor `toString` is anything to a template. */
function ownMember(value: unknown, name: string): Found | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return { value: (value as Record<string, unknown>)[name] };
}

/** The last name of a path may also be a member of a string: its `length`, or a character. */
function follow(start: unknown, path: readonly string[]): Found | undefined {
  let value = start;
  for (const [index, name] of path.entries()) {
    const last = index === path.length - 1;
    const found = ownMember(last && typeof value === 'string' ? Object(value) : value, name);
    if (!found || last) return found;
    value = found.value;
  }
  return undefined;
}
