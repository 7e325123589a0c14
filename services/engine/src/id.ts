const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Ids of scenarios and processes are UUIDs; anything else names nothing, and never reaches the database. */
export const isUuid = (text: string): boolean => UUID.test(text);
