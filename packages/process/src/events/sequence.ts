/**
 * A list that only grows. Appending takes constant time and leaves the shorter list as it was; both share what they have
 * in common. So a process can carry a long past from step to step without copying it.
 */
export class Sequence<T> {
  readonly length: number;
  readonly #item: T | undefined;
  #before: Sequence<T> | undefined;
  /** All items, once somebody asked for them. */
  #items: readonly T[] | undefined;

  private constructor(length: number, items: readonly T[] | undefined, before?: Sequence<T>, item?: T) {
    this.length = length;
    this.#items = items;
    this.#before = before;
    this.#item = item;
  }

  /** @param items shared, not copied. */
  static of<T>(items: readonly T[]): Sequence<T> {
    return new Sequence(items.length, items);
  }

  append(item: T): Sequence<T> {
    return new Sequence(this.length + 1, undefined, this, item);
  }

  /** @returns all items from the first to the last; shared, do not change it. Takes time in proportion the first time. */
  toArray(): readonly T[] {
    this.#items ??= Sequence.#collect(this);
    this.#before = undefined;
    return this.#items;
  }

  static #collect<T>(last: Sequence<T>): readonly T[] {
    const added: T[] = [];
    let node: Sequence<T> | undefined = last;
    while (node !== undefined && node.#items === undefined) {
      added.push(node.#item as T);
      node = node.#before;
    }
    return [...(node === undefined ? [] : (node.#items ?? [])), ...added.reverse()];
  }

  /** In JSON a sequence is an array. */
  toJSON(): readonly T[] {
    return this.toArray();
  }
}
