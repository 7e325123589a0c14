/**
 * Tells expected conflicts apart from outages. SQLSTATE classes: PostgreSQL manual, appendix A.
 * Each guard also looks through `cause`, because a caller may have wrapped the driver's error.
 */

/** Server side, beside the classes below: shutdowns, a primary that became a replica, a disk that fails. */
const LOST_SERVER = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25006', '58030']);
/** Connection exceptions; no room on the disk, in memory or for connections. */
const LOST_CLASSES = /^(08|53)[0-9A-Z]{3}$/;

/** Client side: Node's system errors for a peer that cannot be reached or went away. */
const LOST_PEER = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // A Unix socket that is not there.
  'ENOENT',
]);

/** What tells a socket's error from that of a file. */
const SOCKET_CALLS = new Set(['connect', 'getaddrinfo', 'read', 'write']);

/** The driver gives these errors no code, only words. */
const LOST_CONNECTION =
  /^(Connection terminated|timeout (expired|exceeded when trying to connect)|Client (has encountered a connection error|was closed) and is not queryable)/;

/** Two writers wrote the same key. @param constraint restricts the answer to the constraint or index of this name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return causes(error).some(
    (cause) => cause.code === '23505' && (constraint === undefined || cause.constraint === constraint),
  );
}

/** Serialisation failure or deadlock: nothing was written, the same transaction may be tried again at once. */
export function isSerializationFailure(error: unknown): boolean {
  return causes(error).some((cause) => cause.code === '40001' || cause.code === '40P01');
}

/**
 * The database could not be reached, went away, or has no room. Whether a COMMIT that was under way took effect is unknown: repeat only
 * what is idempotent.
 */
export function isConnectionFailure(error: unknown): boolean {
  return causes(error).some(
    ({ code, syscall, message }) =>
      (code !== undefined &&
        (LOST_CLASSES.test(code) ||
          LOST_SERVER.has(code) ||
          (LOST_PEER.has(code) && SOCKET_CALLS.has(syscall ?? '')))) ||
      LOST_CONNECTION.test(message),
  );
}

interface DriverError {
  readonly message: string;
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly syscall: string | undefined;
}

/** The error, its causes and, for an address tried over IPv4 and IPv6, the error of each. */
function causes(error: unknown): DriverError[] {
  const found: DriverError[] = [];
  const seen = new Set<unknown>();
  const visit = (candidate: unknown) => {
    if (!(candidate instanceof Error) || seen.has(candidate)) return;
    seen.add(candidate);
    found.push({
      message: candidate.message,
      code: text(candidate, 'code'),
      constraint: text(candidate, 'constraint'),
      syscall: text(candidate, 'syscall'),
    });
    if (candidate instanceof AggregateError) candidate.errors.forEach(visit);
    visit(candidate.cause);
  };
  visit(error);
  return found;
}

function text(error: Error, field: string): string | undefined {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
}
