/** What an operation came to: a value, or the error it threw. */
export type Outcome<T> = { readonly value: T } | { readonly error: Error };

/** Runs an operation whose failure is a result like another. */
export function attempt<T>(operation: () => T): Outcome<T> {
  try {
    return { value: operation() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
