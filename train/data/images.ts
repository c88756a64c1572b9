/** Pictures in and out of Node: JPEG and PNG, recognised by content. RGBA, 8 bit, row-major. */
import { readFileSync, writeFileSync } from 'node:fs';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import type { PixelFrame } from '../../src/backends/backend.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { reasonOf } from './files.ts';

const MAX_JPEG_MEMORY_MB = 1024;

/** True when the bytes begin like a JPEG file. */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** True when the bytes begin like a PNG file. */
function isPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
}

/** @throws SaccadeNetError INVALID_OPTION when the bytes are no readable JPEG or PNG; `name` is for the message. */
export function decodeImage(bytes: Uint8Array, name: string): PixelFrame {
  try {
    if (isJpeg(bytes)) {
      const { width, height, data } = jpeg.decode(bytes, {
        useTArray: true,
        maxMemoryUsageInMB: MAX_JPEG_MEMORY_MB,
      });
      return { width, height, data };
    }
    if (isPng(bytes)) {
      const { width, height, data } = PNG.sync.read(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      );
      return { width, height, data };
    }
  } catch (cause) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${name} is damaged: ${(cause as Error).message}; give a whole JPEG or PNG file`,
      { cause },
    );
  }
  const what =
    bytes.length === 0
      ? 'is empty; give a whole JPEG or PNG file'
      : 'is neither JPEG nor PNG; convert it first';
  throw new SaccadeNetError('INVALID_OPTION', `${name} ${what}`);
}

/** Reads a JPEG or PNG file. @throws SaccadeNetError INVALID_OPTION when it cannot be read or decoded. */
export function readImage(file: string): PixelFrame {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SaccadeNetError('INVALID_OPTION', `cannot read ${file}: ${reasonOf(cause)}; check the path`, {
      cause,
    });
  }
  return decodeImage(bytes, file);
}

export interface Mask {
  readonly width: number;
  readonly height: number;
  /** [height, width]: the grey values of the PNG. */
  readonly data: Uint8Array;
}

/** Reads a one-channel PNG (palette or grey) by its red value. */
export function readMask(file: string): Mask {
  const { width, height, data } = readImage(file);
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = data[i * 4];
  return { width, height, data: values };
}

/** Writes an RGBA frame as PNG. */
export function writePng(file: string, frame: PixelFrame): void {
  writeFileSync(file, encodePng(frame));
}

function encodePng(frame: PixelFrame): Buffer {
  const png = new PNG({ width: frame.width, height: frame.height });
  png.data.set(frame.data);
  return PNG.sync.write(png);
}

/** Writes a one-channel mask as a grey PNG. */
export function writeMask(file: string, mask: Mask): void {
  const png = new PNG({
    width: mask.width,
    height: mask.height,
    colorType: 0,
    inputColorType: 0,
    bitDepth: 8,
    inputHasAlpha: false,
  });
  png.data = Buffer.from(mask.data);
  writeFileSync(
    file,
    PNG.sync.write(png, { colorType: 0, inputColorType: 0, bitDepth: 8, inputHasAlpha: false }),
  );
}

/** @param quality 1..100 */
export function encodeJpeg(frame: PixelFrame, quality: number): Uint8Array {
  return jpeg.encode({ width: frame.width, height: frame.height, data: frame.data as Uint8Array }, quality)
    .data;
}

export function writeJpeg(file: string, frame: PixelFrame, quality: number): void {
  writeFileSync(file, encodeJpeg(frame, quality));
}
