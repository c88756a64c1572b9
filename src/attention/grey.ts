/** A frame at a quarter of the working size, grey: what motion is reckoned on; at half, that of tracks. Pure. */
import type { PixelFrame } from '../backends/backend.ts';

/** Working px a grey px. */
export const GREY_SCALE = 4;

/** Working px a px of the finer picture. */
export const FINE_SCALE = 2;

export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** [height, width], 0..255. */
  readonly data: Float32Array;
}

/** Of one frame; without the finer one the motion of tracks is known to about a working px. */
export interface GreyPictures {
  readonly grey: GreyPicture;
  /** FINE_SCALE times smaller than the working size. */
  readonly fine?: GreyPicture;
}

/**
 * Averages of `scale` x `scale` px; px beyond the last whole one are left out.
 * @param frame of the working size, or with scale 1 already GREY_SCALE times smaller
 */
export function greyPicture(
  { width: frameWidth, height: frameHeight, data }: PixelFrame,
  scale = GREY_SCALE,
): GreyPicture {
  const width = Math.max(1, Math.floor(frameWidth / scale));
  const height = Math.max(1, Math.floor(frameHeight / scale));
  const grey = new Float32Array(width * height);
  const sideX = Math.min(scale, frameWidth);
  const sideY = Math.min(scale, frameHeight);
  for (let y = 0; y < height; y++) {
    for (let j = 0; j < sideY; j++) {
      let from = (y * scale + j) * frameWidth * 4;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < sideX; i++, from += 4) sum += data[from] + 2 * data[from + 1] + data[from + 2];
        grey[y * width + x] += sum;
      }
    }
  }
  const share = 1 / (4 * sideX * sideY);
  for (let i = 0; i < grey.length; i++) grey[i] *= share;
  return { width, height, data: grey };
}

/** @param fine of scale FINE_SCALE; the grey picture is half as large */
export function greyPictures(fine: GreyPicture): Required<GreyPictures> {
  const { width, height, data } = fine;
  const half = { width: Math.max(1, width >> 1), height: Math.max(1, height >> 1) };
  const grey = new Float32Array(half.width * half.height);
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  for (let y = 0, i = 0; y < half.height; y++) {
    for (let x = 0, at = 2 * y * width; x < half.width; x++, i++, at += 2)
      grey[i] = (data[at] + data[at + right] + data[at + below] + data[at + below + right]) / 4;
  }
  return { grey: { ...half, data: grey }, fine };
}
