/** A JSON Schema that cannot be used: malformed, or with a `$ref` that leads nowhere. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly code: 'invalid-schema' | 'unresolvable-reference';

  constructor(code: SchemaError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
