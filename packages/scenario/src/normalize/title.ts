/**
 * The title that a key stands for (scenario-language §5.2): one trailing `*` less, the first `_` a blank, trimmed.
 * Only the first: titles are part of scenario ids.
 */
export function titleFromKey(key: string): string {
  return key.replace(/\*$/, '').replace('_', ' ').trim();
}
