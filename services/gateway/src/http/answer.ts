import type { RequestContext } from './context.js';

/** Has a header go out with whatever the request will be answered with. */
export function addHeader(context: RequestContext, name: string, value: string): void {
  const headers = context.get('answerHeaders');
  if (headers) headers[name] = value;
  else context.set('answerHeaders', { [name]: value });
}

/**
 * The answer to a request, with the headers that were added before. They are kept as a plain object, which the server writes
 * as it is: a `Headers` checks and sorts each of them, for every answer.
 * @param headers of this answer; those that are undefined are left out
 */
export function respond(
  context: RequestContext,
  status: number,
  body: string | null,
  headers: Readonly<Record<string, string | undefined>> = {},
): Response {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) addHeader(context, name, value);
  return new Response(body, { status, headers: context.get('answerHeaders') ?? {} });
}

/** An answer that was made elsewhere, with the headers that were added before. */
export function completed(context: RequestContext, response: Response): Response {
  for (const [name, value] of Object.entries(context.get('answerHeaders') ?? {})) response.headers.set(name, value);
  return response;
}
