import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Say } from '../terminal.js';
import type { LogFile } from './log-file.js';
import { readLogLine } from './log-line.js';

/** A service in trouble may repeat itself a thousand times a second. */
const SHOWN_PER_WINDOW = 5;
const WINDOW_MS = 10_000;

/** Takes what one service writes: everything to its log file, warnings and errors in short to the terminal. */
export class ServiceOutput {
  readonly #name: string;
  readonly #file: LogFile;
  readonly #notice: Say;
  /** Shows every line as it is instead. */
  readonly #showAll: Say | undefined;
  #windowEnds = 0;
  #shown = 0;

  constructor(name: string, file: LogFile, notice: Say, showAll?: Say) {
    this.#name = name;
    this.#file = file;
    this.#notice = notice;
    this.#showAll = showAll;
  }

  get logFile(): string {
    return this.#file.path;
  }

  follow(stdout: Readable, stderr: Readable): void {
    for (const [stream, source] of [
      [stdout, 'stdout'],
      [stderr, 'stderr'],
    ] as const) {
      createInterface({ input: stream }).on('line', (text) => {
        this.#take(text, source);
      });
    }
  }

  close(): void {
    this.#file.close();
  }

  #take(text: string, source: 'stdout' | 'stderr'): void {
    const line = readLogLine(text, this.#name, source);
    this.#file.write(line.json);
    if (this.#showAll) this.#showAll(line.json);
    else if (line.severe) this.#show(line.summary);
  }

  #show(summary: string): void {
    const now = performance.now();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + WINDOW_MS;
      this.#shown = 0;
    }
    this.#shown += 1;
    if (this.#shown <= SHOWN_PER_WINDOW) this.#notice(`${this.#name} ${summary}`);
    if (this.#shown === SHOWN_PER_WINDOW) this.#notice(`${this.#name}: more in ${this.#file.path}`);
  }
}
