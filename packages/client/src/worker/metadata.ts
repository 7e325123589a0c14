import type { Delivery } from './handler.js';

type Metadata = Pick<Delivery, 'id' | 'process' | 'etag' | 'tenant' | 'traceparent'>;

/**
 * What travels beside a message to a service: AMQP headers, the members of ZeroMQ's second frame, or, behind `handover-`, HTTP headers.
 *
 * @param id of the message where no member names the delivery
 */
export function metadataOf(beside: Readonly<Record<string, unknown>>, id?: unknown, prefix = ''): Metadata {
  const text = (name: string): string | undefined => {
    const value = beside[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    id: text(`${prefix}id`) ?? (typeof id === 'string' ? id : ''),
    process: text(`${prefix}process`) ?? '',
    etag: text(`${prefix}etag`) ?? '',
    tenant: decoded(text(`${prefix}tenant`) ?? '', prefix !== ''),
    traceparent: text('traceparent'),
  };
}

/** A header of HTTP has no place for every character a tenant's name may have. */
function decoded(text: string, isEncoded: boolean): string {
  try {
    return isEncoded ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}
