export type { ParseWarning } from './convert.js';
export { DocumentSyntaxError, UnsafeKeyError, type Position } from './error.js';
export { parseJson } from './json.js';
export { parseYaml, type ParsedYaml, type YamlOptions } from './parse.js';
export { assertSafeDocument, isUnsafeKey } from './safe-document.js';
export { stringifyYaml } from './stringify.js';
export type { YamlTag, YamlTags } from './tags.js';
