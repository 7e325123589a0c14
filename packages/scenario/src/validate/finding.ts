/** Something wrong with a document, in the shape of an AJV error (scenario-language §8.1). */
export interface Finding {
  /** Where, as a JSON Pointer: `/states/initial/goto`. */
  readonly instancePath: string;
  /** The rule of the schema that is broken; empty for what no schema can say. */
  readonly schemaPath: string;
  /** The kind of rule; empty for what no schema can say. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** For the author to read, as the end of a sentence that starts with the place. */
  readonly message: string;
}

/** @returns a finding that comes from no schema. */
export function finding(instancePath: string, message: string, params: Finding['params'] = {}): Finding {
  return { instancePath, schemaPath: '', keyword: '', params, message };
}
