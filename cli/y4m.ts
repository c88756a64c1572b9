/**
 * Reads YUV4MPEG2 clips frame by frame (https://wiki.multimedia.cx/index.php/YUV4MPEG2): 8 bit, planar 4:2:0,
 * 4:2:2, 4:4:4 or grey. Colours by BT.601, limited range unless the header says XCOLORRANGE=FULL. The file is
 * never held in memory whole.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { PixelFrame } from '../src/backends/backend.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { reasonOf } from '../train/data/files.ts';

const MAX_HEADER_BYTES = 1024;
const FRAME_MAGIC = 'FRAME';
/** Luma samples a chroma sample, sideways and downwards; null is grey. */
const CHROMA: readonly [prefix: string, chroma: readonly [number, number] | null][] = [
  ['420', [2, 2]],
  ['422', [2, 1]],
  ['444', [1, 1]],
  ['mono', null],
];

interface Header {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly chroma: readonly [number, number] | null;
  readonly fullRange: boolean;
}

export interface Clip {
  /** About as many as there are, for progress. */
  readonly frameCount: number;
  readonly framesPerSecond: number;
  frames(): Generator<PixelFrame>;
}

/** @throws SaccadeNetError INVALID_OPTION where the file is no y4m clip that can be read; also while reading. */
export function openY4m(file: string): Clip {
  const descriptor = openFile(file);
  let header: Header;
  let start: number;
  let sizeBytes: number;
  try {
    const line = readLine(descriptor, 0);
    header = parseHeader(line, file);
    start = line.length + 1;
    sizeBytes = fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
  const frameBytes = planeSizes(header).reduce((sum, size) => sum + size, 0);
  const heldBytes = sizeBytes - start;
  if (heldBytes < frameBytes) {
    const { width, height } = header;
    throw damaged(file, `it ends within frame 0: ${heldBytes} bytes are too few for ${width}x${height} px`);
  }
  return {
    frameCount: Math.max(0, Math.floor(heldBytes / (frameBytes + FRAME_MAGIC.length + 1))),
    framesPerSecond: header.framesPerSecond,
    frames: () => readFrames(file, header, start, frameBytes),
  };
}

function* readFrames(file: string, header: Header, start: number, frameBytes: number): Generator<PixelFrame> {
  const descriptor = openFile(file);
  try {
    const planes = new Uint8Array(frameBytes);
    let at = start;
    for (let index = 0; ; index++) {
      const line = readLine(descriptor, at);
      if (line === '') return;
      if (!line.startsWith(FRAME_MAGIC))
        throw damaged(file, `frame ${index} does not begin with ${FRAME_MAGIC}`);
      at += line.length + 1;
      if (readSync(descriptor, planes, 0, frameBytes, at) < frameBytes) {
        throw damaged(file, `it ends within frame ${index}`);
      }
      at += frameBytes;
      yield toRgba(planes, header);
    }
  } finally {
    closeSync(descriptor);
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw new SaccadeNetError('INVALID_OPTION', `cannot read ${file}: ${reasonOf(cause)}; check the path`, {
      cause,
    });
  }
}

/** The text up to the next line feed, without it; what there is where none comes. */
function readLine(descriptor: number, at: number): string {
  const bytes = new Uint8Array(MAX_HEADER_BYTES);
  const text = Buffer.from(bytes.buffer, 0, readSync(descriptor, bytes, 0, MAX_HEADER_BYTES, at)).toString(
    'latin1',
  );
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

function parseHeader(line: string, file: string): Header {
  const [magic, ...fields] = line.split(' ');
  if (magic !== 'YUV4MPEG2') throw damaged(file, 'it does not begin with YUV4MPEG2');
  const field = (letter: string) => fields.find((text) => text.startsWith(letter))?.slice(1);
  const [width, height] = [Number(field('W')), Number(field('H'))];
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw damaged(file, `its header gives the size ${field('W')}x${field('H')}`);
  }
  const space = field('C') ?? '420';
  const known = CHROMA.find(([prefix]) => space.startsWith(prefix));
  if (!known || /p\d|mono\d|alpha/.test(space)) {
    throw damaged(file, `its colour space C${space} is not 8 bit 4:2:0, 4:2:2, 4:4:4 or mono`);
  }
  const [rate, scale] = (field('F') ?? '30:1').split(':').map(Number);
  return {
    width,
    height,
    framesPerSecond: rate > 0 && scale > 0 ? rate / scale : 30,
    chroma: known[1],
    fullRange: fields.includes('XCOLORRANGE=FULL'),
  };
}

function planeSizes({ width, height, chroma }: Header): number[] {
  if (!chroma) return [width * height];
  const chromaSize = Math.ceil(width / chroma[0]) * Math.ceil(height / chroma[1]);
  return [width * height, chromaSize, chromaSize];
}

/** BT.601: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. */
function toRgba(planes: Uint8Array, header: Header): PixelFrame {
  const { width, height, chroma, fullRange } = header;
  const data = new Uint8ClampedArray(width * height * 4);
  const [across, down] = chroma ?? [1, 1];
  const chromaWidth = Math.ceil(width / across);
  const cbStart = width * height;
  const crStart = cbStart + (chroma ? chromaWidth * Math.ceil(height / down) : 0);
  const [black, lumaGain, chromaGain] = fullRange ? [0, 1, 1] : [16, 255 / 219, 255 / 224];
  for (let y = 0, i = 0; y < height; y++) {
    const chromaRow = Math.floor(y / down) * chromaWidth;
    for (let x = 0; x < width; x++, i += 4) {
      const luma = (planes[y * width + x] - black) * lumaGain;
      const at = chromaRow + Math.floor(x / across);
      const cb = chroma ? (planes[cbStart + at] - 128) * chromaGain : 0;
      const cr = chroma ? (planes[crStart + at] - 128) * chromaGain : 0;
      data[i] = luma + 1.402 * cr;
      data[i + 1] = luma - 0.344136 * cb - 0.714136 * cr;
      data[i + 2] = luma + 1.772 * cb;
      data[i + 3] = 255;
    }
  }
  return { width, height, data };
}

function damaged(file: string, why: string): SaccadeNetError {
  return new SaccadeNetError(
    'INVALID_OPTION',
    `${file} is no y4m clip that can be read: ${why}; convert it anew`,
  );
}
