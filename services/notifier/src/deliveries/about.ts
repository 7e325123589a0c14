/**
 * Whether an event is about a process, so that its subject is one's id. Deliveries are kept in order by what they are about,
 * whatever it is.
 * @param event its type; null: a notification, which always is
 */
export const isAboutProcess = (event: string | null): boolean => event === null || event.startsWith('process.');

/**
 * Whether an event tells of a delivery. That it could not be delivered is told to nobody: each such failure would be told to
 * the same receiver, without end.
 */
export const isAboutDelivery = (event: string | null): boolean => event?.startsWith('delivery.') === true;
