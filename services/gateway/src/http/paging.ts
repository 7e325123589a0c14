/**
 * The headers of a page of a list (RFC 8288): how many entries there are, and where the other pages are.
 * @param url address of the request, with its query
 * @param page counted from 1
 */
export function pageHeadersOf(url: string, { page, limit }: { page: number; limit: number }, total: number) {
  const last = Math.max(1, Math.ceil(total / limit));
  const at = (rel: string, number: number): string => {
    const { pathname, searchParams } = new URL(url);
    searchParams.set('page', String(number));
    return `<${pathname}?${searchParams.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [at('first', 1), at('prev', Math.min(page - 1, last))] : []),
    ...(page < last ? [at('next', page + 1), at('last', last)] : []),
  ];
  return { 'X-Total-Count': String(total), ...(links.length > 0 && { Link: links.join(', ') }) };
}

/** Where the pages beside one are, as cursors; absent where there is none. */
export interface Neighbours {
  readonly next?: string | undefined;
  readonly previous?: string | undefined;
}

/** The Link header of a page (RFC 8288): the same query, at another place. */
export function pageLinks(url: string, { next, previous }: Neighbours): string {
  const { pathname, searchParams } = new URL(url);
  const link = (relation: string, cursor?: string): string => {
    const query = new URLSearchParams(searchParams);
    query.delete('page');
    query.delete('cursor');
    if (cursor !== undefined) query.set('cursor', cursor);
    return `<${pathname}${query.size > 0 ? `?${query.toString()}` : ''}>; rel="${relation}"`;
  };
  const links = [
    link('first'),
    ...(previous === undefined ? [] : [link('prev', previous)]),
    ...(next === undefined ? [] : [link('next', next)]),
  ];
  return links.join(', ');
}
