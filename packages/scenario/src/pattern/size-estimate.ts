/**
 * Estimates how many instructions a pattern compiles to: repetitions are written out, `(a{100}){100}` is ten thousand.
 * Told what the pattern consists of from left to right.
 */
export class SizeEstimate {
  /** The size of each open group so far; the last is the innermost. */
  readonly #groups: number[] = [0];
  #lastAtom = 0;

  get total(): number {
    return this.#groups.reduce((total, size) => total + size, 0);
  }

  /** A character, class, assertion or alternation sign. */
  atom(): void {
    this.#add(1);
  }

  open(): void {
    this.#groups.push(2);
  }

  close(): void {
    this.#add(this.#groups.pop() ?? 0);
  }

  /** The last atom or group is written out so many times. */
  repeat(times: number): void {
    const extra = this.#lastAtom * (times - 1) + times;
    this.#add(extra, this.#lastAtom + extra);
  }

  #add(size: number, lastAtom = size): void {
    this.#groups.push((this.#groups.pop() ?? 0) + size);
    this.#lastAtom = lastAtom;
  }
}
