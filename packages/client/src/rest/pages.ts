interface Page {
  readonly body?: unknown;
  readonly headers: object;
}

/**
 * The pages of a list, one after the other, as long as somebody asks for them: follows `Link: rel="next"`.
 *
 * @param list an operation of the client that answers a list
 * @param input what the first page is asked for with
 */
export async function* pages<Input extends object, Answer extends Page>(
  list: (input: Input) => Promise<Answer>,
  input: Input,
): AsyncGenerator<Answer, void, undefined> {
  for (let next: Input | undefined = input; next;) {
    const answer: Answer = await list(next);
    yield answer;
    const query = nextQuery((answer.headers as { Link?: string }).Link);
    next = query && { ...input, query: { ...('query' in input ? (input.query as object) : {}), ...query } };
  }
}

/** The items of a list, all of them, page after page. */
export async function* items<Input extends object, Item>(
  list: (input: Input) => Promise<{ readonly body?: readonly Item[] | undefined; readonly headers: object }>,
  input: Input,
): AsyncGenerator<Item, void, undefined> {
  for await (const { body = [] } of pages(list, input)) yield* body;
}

/** The query of the next page's address (RFC 8288). */
function nextQuery(link: string | undefined): Record<string, string> | undefined {
  const next = (link ?? '').split(/,\s*(?=<)/).find((one) => /;\s*rel="?next"?/.test(one));
  const address = /<([^>]*)>/.exec(next ?? '')?.[1];
  return address === undefined ? undefined : Object.fromEntries(new URL(address, 'http://next/').searchParams);
}
