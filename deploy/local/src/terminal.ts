/** Tells the user one thing. */
export type Say = (text: string) => void;

/** One line about something the user should look at. */
export const notice: Say = (text) => {
  aside('!', text);
};

/** One line about something the user may want to know. */
export const remark: Say = (text) => {
  aside('·', text);
};

/** Between the stages; on a terminal the unfinished line of a stage gives way. */
function aside(mark: string, text: string): void {
  const clear = process.stdout.isTTY ? '\r\x1b[2K' : '';
  process.stdout.write(`${clear}  ${mark} ${text.replaceAll('\n', '\n    ')}\n`);
}

export const print: Say = (text) => {
  process.stdout.write(`${text}\n`);
};
