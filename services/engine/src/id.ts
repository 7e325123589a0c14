const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Ids of scenarios and processes are UUIDs; anything else names nothing, and never reaches the database. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** PostgreSQL keeps no U+0000 in a text. */
export const isStorable = (text: string): boolean => !text.includes('\0');
