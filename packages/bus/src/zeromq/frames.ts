/** A frame is closed when it holds this much; a record that is larger has a frame to itself. */
const FULL_BYTES = 64 * 1024;

/**
 * Joins records into frames, in order. What is sent within one turn of the event loop goes out together: handing a frame
 * to libzmq wakes its thread, and under load that costs more than everything else.
 */
export function framesOf(records: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  let open: Buffer[] = [];
  let bytes = 0;
  for (const record of records) {
    if (open.length > 0 && bytes + record.length > FULL_BYTES) {
      frames.push(Buffer.concat(open, bytes));
      open = [];
      bytes = 0;
    }
    open.push(record);
    bytes += record.length;
  }
  if (open.length > 0) frames.push(open.length === 1 && open[0] ? open[0] : Buffer.concat(open, bytes));
  return frames;
}
