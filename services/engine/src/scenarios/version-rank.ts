const NUMBERED = /^v?(?<core>\d+(?:\.\d+)*)(?:[-.]?(?<early>[^+]+))?/;
/** Sorts before digits, so that 1 is before 1.1; and what comes before a release before the release. */
const [EARLY, RELEASE, BETWEEN] = ['-', '.', '!'];
const LONGEST = 200;

/**
 * A text that sorts, by code points, as versions do: numbers as numbers, 1.0 equals 1, what is marked as earlier (`-beta.2`)
 * before the release, build marks (`+…`) do not count (Semantic Versioning §11, for any number of numbers). Versions that do not
 * begin with a number come first, as they are.
 */
export function versionRank(version: string): string {
  const { core = '', early } = NUMBERED.exec(version)?.groups ?? {};
  if (core === '') return `0${version}`.slice(0, LONGEST);
  const numbers = core.split('.').map(ranked);
  while (numbers.at(-1) === ranked('0')) numbers.pop();
  const mark = early === undefined ? RELEASE : `${EARLY}${early.split('.').map(rankedMark).join(BETWEEN)}`;
  return `1${numbers.join('')}${mark}`.slice(0, LONGEST);
}

/** Longer numbers are larger. */
function ranked(number: string): string {
  const digits = number.replace(/^0+(?=\d)/, '');
  return `${String(digits.length).padStart(3, '0')}${digits}`;
}

/** Numbers come before words. */
const rankedMark = (mark: string): string => (/^\d+$/.test(mark) ? `0${ranked(mark)}` : `1${mark}`);
