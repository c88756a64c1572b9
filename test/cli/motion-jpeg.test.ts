/** Splitting Motion JPEG: pictures of real encoders, a thumbnail inside a segment, a cut end. */
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { splitMotionJpeg } from '../../train/data/motion-jpeg.ts';

/** A JPEG of noise: its scan holds many stuffed FF bytes. */
function picture(seed: number): Uint8Array {
  const data = new Uint8Array(48 * 40 * 4);
  for (let i = 0, state = seed; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return new Uint8Array(jpeg.encode({ data, width: 48, height: 40 }, 90).data);
}

const clip = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('splitMotionJpeg', () => {
  it('gives every picture, byte for byte', () => {
    const pictures = [1, 2, 3].map(picture);
    expect(splitMotionJpeg(clip(...pictures))).toEqual(pictures);
  });

  it('is not ended by a thumbnail within a segment', () => {
    const [outer, thumbnail] = [picture(4), picture(5)];
    const length = thumbnail.length + 2;
    const segment = [0xff, 0xe1, length >> 8, length & 255, ...thumbnail];
    const withThumbnail = clip(outer.subarray(0, 2), Uint8Array.from(segment), outer.subarray(2));
    expect(splitMotionJpeg(clip(withThumbnail, outer))).toEqual([withThumbnail, outer]);
  });

  it('leaves out bytes that belong to no picture', () => {
    const [first, second] = [picture(6), picture(7)];
    const cut = second.subarray(0, second.length - 9);
    expect(splitMotionJpeg(clip(Uint8Array.of(0, 1, 2), first, Uint8Array.of(9), cut))).toEqual([first]);
    expect(splitMotionJpeg(new Uint8Array(0))).toEqual([]);
  });

  it('ends at any cut of a clip', () => {
    const bytes = clip(picture(8), picture(9));
    for (let end = 0; end < bytes.length; end += 7) {
      expect(splitMotionJpeg(bytes.subarray(0, end)).length).toBeLessThanOrEqual(1);
    }
  });
});
