import type { Ground } from './ground.js';

/** A known defect of the engine whose language and API we speak, and what shows that it is none of ours. */
export interface Defect {
  /** What its users suffer from. */
  readonly fact: string;
  /** What happens here. */
  readonly shown: Check | Elsewhere;
}

/** Fails where the defect is ours too. */
export type Check = (ground: Ground) => Promise<void>;

/** A test shows it that needs more than the platform alone, or that shows more of it. */
export interface Elsewhere {
  /** From the root of the repository. */
  readonly file: string;
  /** Title of the test as it is written there. */
  readonly test: string;
  readonly because: string;
}

export type Defects = Readonly<Record<`E${number}`, Defect>>;
