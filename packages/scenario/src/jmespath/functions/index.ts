import type { FunctionRegistry } from '../registry.js';
import { ARRAY_FUNCTIONS } from './arrays.js';
import { CONVERSION_FUNCTIONS } from './conversions.js';
import { HASH_FUNCTIONS } from './hashes.js';
import { NUMBER_FUNCTIONS } from './numbers.js';
import { OBJECT_FUNCTIONS } from './objects.js';
import { ORDER_FUNCTIONS } from './order.js';
import { PADDING_FUNCTIONS } from './padding.js';
import { PATTERN_FUNCTIONS } from './patterns.js';
import { SEARCH_FUNCTIONS } from './search.js';
import { STRING_FUNCTIONS } from './strings.js';

/** Every function of the dialect, by name. A map, so that `constructor` is no function. */
export const BUILT_IN: FunctionRegistry = new Map(
  [
    ARRAY_FUNCTIONS,
    CONVERSION_FUNCTIONS,
    HASH_FUNCTIONS,
    NUMBER_FUNCTIONS,
    OBJECT_FUNCTIONS,
    ORDER_FUNCTIONS,
    PADDING_FUNCTIONS,
    PATTERN_FUNCTIONS,
    SEARCH_FUNCTIONS,
    STRING_FUNCTIONS,
  ].flatMap((functions) => Object.entries(functions)),
);
