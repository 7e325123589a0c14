export interface Volley {
  /** Answers per second. */
  readonly perSecond: number;
  /** How long each answer took, in ms. */
  readonly latencies: readonly number[];
  readonly answers: number;
}

/**
 * So many callers that each wait for their answer before they ask again.
 * @param once one question of the `caller`th of them; resolves with its answer
 * @throws what the first failed question threw: figures of refusals would mean nothing
 */
export async function closedLoop(
  callers: number,
  milliseconds: number,
  once: (caller: number) => Promise<unknown>,
): Promise<Volley> {
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + milliseconds;
  const loop = async (caller: number): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await once(caller);
      const answered = performance.now();
      latencies.push(answered - now);
      now = answered;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return {
    perSecond: (latencies.length * 1000) / (performance.now() - started),
    latencies,
    answers: latencies.length,
  };
}
