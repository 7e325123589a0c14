import { describe, expect, it } from 'vitest';
import { pageHeadersOf } from './paging.js';

const URL = 'http://localhost/scenarios?tag=a&limit=10';

describe('the headers of a page', () => {
  it('lead to the other pages, with the rest of the query', () => {
    const { Link, ...rest } = pageHeadersOf(`${URL}&page=2`, { page: 2, limit: 10 }, 35);
    expect(rest).toEqual({ 'X-Total-Count': '35' });
    expect(Link?.split(', ')).toEqual([
      '</scenarios?tag=a&limit=10&page=1>; rel="first"',
      '</scenarios?tag=a&limit=10&page=1>; rel="prev"',
      '</scenarios?tag=a&limit=10&page=3>; rel="next"',
      '</scenarios?tag=a&limit=10&page=4>; rel="last"',
    ]);
  });

  it('have no links where all is on one page', () => {
    expect(pageHeadersOf(URL, { page: 1, limit: 10 }, 0)).toEqual({ 'X-Total-Count': '0' });
  });

  it('lead back from beyond the end', () => {
    expect(pageHeadersOf(URL, { page: 9, limit: 10 }, 11).Link).toContain('page=2>; rel="prev"');
  });
});
