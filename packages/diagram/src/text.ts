/**
 * Widths of text without a font at hand: the sans serif faces that viewers fall back to differ by a tenth, so these are the
 * widest of them, in thousandths of the font size.
 */
const NARROW = new Set("iIjl.,:;'|!()[]{} ftr-");
const WIDE = /[mwMW@%&A-Z\u2014]/;
/** East Asian scripts, full-width forms and pictures take a square. */
const SQUARE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u;

function widthOfCharacter(character: string): number {
  if (NARROW.has(character)) return 400;
  if (SQUARE.test(character)) return 1_050;
  return WIDE.test(character) ? 800 : 620;
}

/** @returns about how wide a line is, in pixels; rather too much than too little. */
export function widthOf(line: string, fontSize: number): number {
  let width = 0;
  for (const character of line) width += widthOfCharacter(character);
  return (width * fontSize) / 1_000;
}

/** @returns the text, or its beginning with an ellipsis, not wider than `width`. */
export function shortened(text: string, width: number, fontSize: number): string {
  if (widthOf(text, fontSize) <= width) return text;
  const room = width - widthOf('…', fontSize);
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character, fontSize) > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** @returns the text on as many lines as it needs, at most `lines`, broken between words where that is possible. */
export function wrapped(text: string, width: number, fontSize: number, lines: number): string[] {
  const words = text.trim().split(/\s+/);
  const result: string[] = [];
  while (words.length > 0 && result.length < lines - 1) {
    let line = words.shift() ?? '';
    while (words[0] !== undefined && widthOf(`${line} ${words[0]}`, fontSize) <= width) line += ` ${words.shift()}`;
    result.push(shortened(line, width, fontSize));
  }
  if (words.length > 0) result.push(shortened(words.join(' '), width, fontSize));
  return result;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Characters that XML 1.0 does not have, among them halves of surrogate pairs. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** @returns text for XML content and quoted attributes, whatever a user wrote. */
export const escaped = (text: string): string =>
  text.replaceAll(NOT_XML, '\ufffd').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
