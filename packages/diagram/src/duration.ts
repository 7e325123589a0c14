const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** @returns a time in the largest unit that divides it: `864000` seconds are `10 days`. */
export function duration(seconds: number): string {
  const [unit, size] = UNITS.find(([, one]) => seconds > 0 && seconds % one === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
