/** What a bus needs of a logger; pino's signature. Bodies, tokens and keys are never passed to it. */
export interface BusLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
