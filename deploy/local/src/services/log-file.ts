import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const LARGEST = 10 * 1024 * 1024;

/**
 * The log of one service: begun anew with each start and whenever it has grown large; the one before is kept as `….1`.
 * Written at once, line by line: after a crash the last words are there.
 */
export class LogFile {
  readonly path: string;
  readonly #largest: number;
  #descriptor: number | undefined;
  #size = 0;

  constructor(path: string, largest = LARGEST) {
    this.path = path;
    this.#largest = largest;
    mkdirSync(dirname(path), { recursive: true });
    this.#descriptor = this.#begin();
  }

  /** @param line without its end. After `close` it does nothing. */
  write(line: string): void {
    if (this.#descriptor === undefined) return;
    if (this.#size >= this.#largest) {
      closeSync(this.#descriptor);
      this.#descriptor = this.#begin();
    }
    try {
      this.#size += writeSync(this.#descriptor, `${line}\n`);
    } catch {
      // A full disk must not end the platform; its log just has a gap.
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #begin(): number {
    if (statSync(this.path, { throwIfNoEntry: false })) renameSync(this.path, `${this.path}.1`);
    this.#size = 0;
    return openSync(this.path, 'a', 0o600);
  }
}
