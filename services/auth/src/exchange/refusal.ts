/** Why a token is not believed: for the log, never for whoever sent it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /** @param facts ids that help to find out more; never the token */
  constructor(
    reason: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(reason);
  }
}
