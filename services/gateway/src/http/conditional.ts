import { HandoverError, type ProcessAnswer } from '@handover/contracts';

/** The entity tags of a conditional header (RFC 9110 §8.8.3), without quotes; weak ones compare alike here. */
export function entityTags(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^(W\/)?"(.*)"$/, '$2'));
}

/**
 * RFC 9110 If-Match: one version, or `*` for any.
 * @throws HandoverError `invalid_request` when it lists several
 */
export function ifMatch(header: string | undefined): { ifMatch?: string } {
  if (header === undefined || header.trim() === '*') return {};
  const [tag = '', ...others] = entityTags(header);
  if (others.length > 0) {
    const errors = [{ in: 'header', pointer: '/If-Match', detail: 'takes one entity tag' }] as const;
    throw new HandoverError('invalid_request', 'If-Match takes one entity tag', { errors });
  }
  return { ifMatch: tag };
}

/** The headers that name a version of a process. */
export function versionHeaders({ etag, lastModified }: Omit<ProcessAnswer, 'process'>) {
  return { ETag: `"${etag}"`, 'Last-Modified': new Date(lastModified).toUTCString() };
}

/** Longest wait for a change, in seconds. */
const LONGEST_WAIT = 60;

/** RFC 7240 `Prefer: wait=N`: seconds, at most {@link LONGEST_WAIT}; undefined when it is not asked for or makes no sense. */
export function preferredWait(prefer: string | undefined): number | undefined {
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1];
  return seconds === undefined || Number(seconds) === 0 ? undefined : Math.min(Number(seconds), LONGEST_WAIT);
}

/** RFC 7240 `Prefer: return=representation`. */
export function prefersRepresentation(prefer: string | undefined): boolean {
  return preferences(prefer).some((preference) => /^return\s*=\s*"?representation"?$/i.test(preference));
}

/** RFC 7240 `Prefer: respond-async`. */
export function prefersAsync(prefer: string | undefined): boolean {
  return preferences(prefer).some((preference) => /^respond-async$/i.test(preference));
}

const preferences = (prefer = ''): string[] => prefer.split(/[,;]/).map((preference) => preference.trim());
