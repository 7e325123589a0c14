/** Postgres cuts longer names off silently. */
const LONGEST = 63;

/**
 * Checks a name that becomes part of the names of roles and schemas: lower case letters, digits and `_`, so that it reads
 * the same quoted and unquoted.
 * @param what names the value in the error
 */
export function identifier(what: string, name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > LONGEST) {
    throw new TypeError(`${what} "${name}" must be lower case letters, digits and _, at most ${LONGEST} characters`);
  }
  return name;
}
