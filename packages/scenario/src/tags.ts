const MOST = 100;
const LONGEST = 300;

/** What cannot be read, and what not every database can keep. */
// eslint-disable-next-line no-control-regex -- these are the characters that are not wanted
const UNPRINTABLE = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

/**
 * Whether updates may leave a process with these tags, which they are searched by: an extension of ours (decision 13).
 * @returns why not; undefined when they may.
 */
export function tagsProblem(tags: unknown): string | undefined {
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return 'must be a list of strings';
  if (tags.length > MOST) return `must not be more than ${MOST}`;
  if (tags.some((tag) => tag.length === 0 || tag.length > LONGEST)) return `must have 1 to ${LONGEST} characters each`;
  return tags.some((tag) => UNPRINTABLE.test(tag)) ? 'must not have control characters' : undefined;
}
