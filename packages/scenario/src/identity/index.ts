export { hash, hmac, sha256Hex, sha512Hex } from './hash.js';
export { scenarioId, scenarioNamespace } from './scenario-id.js';
export { stableJson } from './stable-json.js';
export { isUuid, NIL_NAMESPACE, URL_NAMESPACE, uuid5 } from './uuid.js';
