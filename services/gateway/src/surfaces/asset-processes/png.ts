import { crc32, inflateSync } from 'node:zlib';

/** Largest picture, encoded, in bytes. */
export const MOST_BYTES = 262_144;
/** A signature is a few strokes: anything larger is no signature, and would take memory to unpack. */
const MOST_PIXELS = 4_000_000;

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Samples per pixel by colour type, and the depths each may have (PNG specification §11.2.1). */
const COLOURS: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/**
 * What is wrong with a picture as a `data:` URL; undefined when it is a PNG that decodes: chunks in order with right checksums,
 * and pixels that unpack to just the size the header says. Bounded in time and memory before anything is unpacked, which the
 * decoders at hand are not.
 */
export function pngFault(url: string): string | undefined {
  const [, encoded] = /^data:image\/png;base64,([A-Za-z0-9+/]+={0,2})$/.exec(url) ?? [];
  if (encoded === undefined) return 'must be a PNG as data:image/png;base64,…';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length > MOST_BYTES) return `must not be larger than ${MOST_BYTES} bytes`;
  return decodes(bytes) ? undefined : 'must be a PNG that can be decoded';
}

function decodes(bytes: Buffer): boolean {
  const chunks = chunksOf(bytes);
  const [header, ...others] = chunks ?? [];
  if (header?.type !== 'IHDR' || header.data.length !== 13 || others.at(-1)?.type !== 'IEND') return false;
  const size = unpackedSize(header.data);
  if (size === undefined) return false;
  if (header.data[9] === 3 && !others.some(({ type }) => type === 'PLTE')) return false;
  const pixels = others.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  try {
    return inflateSync(Buffer.concat(pixels), { maxOutputLength: size }).length === size;
  } catch {
    return false;
  }
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function chunksOf(bytes: Buffer): Chunk[] | undefined {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length;) {
    if (at + 12 > bytes.length) return undefined;
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return undefined;
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, end - 4) });
    at = end;
  }
  return chunks;
}

/** Bytes of the filtered pixels, by the header; undefined when the header cannot be, or the picture is too large. */
function unpackedSize(header: Buffer): number | undefined {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth = 0, colour = -1, compression, filter, interlace] = header.subarray(8);
  const layout = COLOURS[colour];
  if (!layout?.depths.includes(depth) || compression !== 0 || filter !== 0) return undefined;
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) return undefined;
  const rows = (columns: number, lines: number): number =>
    columns === 0 ? 0 : lines * (1 + Math.ceil((columns * depth * layout.samples) / 8));
  if (interlace === 0) return rows(width, height);
  if (interlace !== 1) return undefined;
  return ADAM7.reduce(
    (sum, [x, y, dx, dy]) => sum + rows(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

/** Where each pass of an interlaced picture starts, and its steps (§8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
