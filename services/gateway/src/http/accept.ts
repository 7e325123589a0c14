/**
 * The media type of several that a caller likes best (RFC 9110 §12.5.1); the first of them when the caller does not say, or
 * likes none of them.
 */
export function preferred(accept: string | undefined, offered: readonly [string, ...string[]]): string {
  const ranges = (accept ?? '*/*').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, quality: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
  });
  const qualityOf = (media: string): number => {
    const exact = ranges.find(({ type }) => type === media);
    const family = ranges.find(({ type }) => type === `${media.split('/', 1)[0] ?? ''}/*`);
    return (exact ?? family ?? ranges.find(({ type }) => type === '*/*'))?.quality ?? 0;
  };
  return offered.reduce((best, media) => (qualityOf(media) > qualityOf(best) ? media : best));
}
