import { z } from 'zod';

const MOST_HEADERS = 20;
const NAME = /^[!#$%&'*+.^_`|~\w-]{1,200}$/;
/** Visible ASCII, blanks and tabs (RFC 9110 §5.5). */
const VALUE = /^[\t -~]{0,2000}$/;

/** Names that belong to the connection, or that say what a message is and who signed it. */
const RESERVED =
  /^(host|connection|content-length|transfer-encoding|trailer|te|upgrade|expect|keep-alive|proxy-.*|webhook-.*|handover-.*|jws-signature|traceparent|tracestate)$/i;

/**
 * Headers somebody wants sent along with every message.
 * @param others names that are reserved here, beside those that always are; in lower case
 */
export function outgoingHeadersSchema(others: readonly string[] = []) {
  return z.record(z.string(), z.string()).superRefine((headers, context) => {
    const entries = Object.entries(headers);
    const complain = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (entries.length > MOST_HEADERS) complain(`must be at most ${MOST_HEADERS} headers`);
    for (const [name, value] of entries) {
      if (!NAME.test(name)) complain('must be named as an HTTP header can be', name);
      else if (RESERVED.test(name) || others.includes(name.toLowerCase())) complain('is set by the platform', name);
      if (!VALUE.test(value)) complain('must be up to 2000 characters of visible ASCII', name);
    }
    if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length) {
      complain('must not name a header twice');
    }
  });
}
