/** Text that is not YAML or JSON, and where it stops being so. */
export class DocumentSyntaxError extends Error {
  override readonly name = 'DocumentSyntaxError';
  /** What is wrong, for programs: `BAD_INDENT`, `DUPLICATE_KEY`, `INVALID_JSON`. */
  readonly code: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;

  constructor(code: string, message: string, { line, column }: Position) {
    super(`${message} at line ${line}, column ${column}`);
    this.code = code;
    this.line = line;
    this.column = column;
  }
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document with a key that would reach into JavaScript's prototypes. */
export class UnsafeKeyError extends Error {
  override readonly name = 'UnsafeKeyError';
  /** JSON Pointer to the key. */
  readonly path: string;

  constructor(key: string, path: string) {
    super(`Key '${key}' is not allowed, at ${path}`);
    this.path = path;
  }
}
