/** Longest wait a Node timer can hold; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** `setTimeout` that takes any number of milliseconds, waits at most 24 days and at least not at all. */
export function startTimer(callback: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(callback, Math.min(Math.max(0, ms), LONGEST_MS));
}

/** @returns whether the promise settled within `ms`. It is not cancelled; its rejection is its owner's matter. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = startTimer(() => resolve(false), ms)));
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
