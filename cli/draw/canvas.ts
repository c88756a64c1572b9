/** A few drawing operations on an RGBA frame, in its pixels. Everything is cut off at the edges. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { GLYPH_COLUMNS, GLYPH_ROWS, glyph } from './font.ts';
import type { Colour } from './palette.ts';

export class Canvas implements PixelFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;

  /** The frame enlarged by a whole factor, every pixel a square and opaque. */
  constructor(frame: PixelFrame, factor: number) {
    this.width = frame.width * factor;
    this.height = frame.height * factor;
    this.data = new Uint8ClampedArray(this.width * this.height * 4);
    const from = new Uint32Array(frame.data.slice().buffer);
    const to = new Uint32Array(this.data.buffer);
    for (let y = 0; y < this.height; y++) {
      const row = Math.floor(y / factor) * frame.width;
      for (let x = 0; x < this.width; x++) to[y * this.width + x] = from[row + Math.floor(x / factor)];
    }
    for (let i = 3; i < this.data.length; i += 4) this.data[i] = 255;
  }

  /** Mixes `colour` in: 0 leaves the pixels, 1 paints over them. */
  fill(x: number, y: number, width: number, height: number, colour: Colour, alpha = 1): void {
    const x0 = Math.max(0, Math.round(x));
    const y0 = Math.max(0, Math.round(y));
    const x1 = Math.min(this.width, Math.round(x + width));
    const y1 = Math.min(this.height, Math.round(y + height));
    for (let row = y0; row < y1; row++) {
      for (let i = (row * this.width + x0) * 4; i < (row * this.width + x1) * 4; i += 4) {
        for (let c = 0; c < 3; c++) this.data[i + c] += alpha * (colour[c] - this.data[i + c]);
      }
    }
  }

  /** A frame of lines `thickness` px wide, drawn inwards from the edges given. */
  outline(x: number, y: number, width: number, height: number, thickness: number, colour: Colour): void {
    this.fill(x, y, width, thickness, colour);
    this.fill(x, y + height - thickness, width, thickness, colour);
    this.fill(x, y, thickness, height, colour);
    this.fill(x + width - thickness, y, thickness, height, colour);
  }

  /** An outline of dashes `dash` px long, with gaps as long. */
  dashed(
    x: number,
    y: number,
    width: number,
    height: number,
    thickness: number,
    dash: number,
    colour: Colour,
  ): void {
    for (let at = 0; at < width; at += 2 * dash) {
      const length = Math.min(dash, width - at);
      this.fill(x + at, y, length, thickness, colour);
      this.fill(x + at, y + height - thickness, length, thickness, colour);
    }
    for (let at = 0; at < height; at += 2 * dash) {
      const length = Math.min(dash, height - at);
      this.fill(x, y + at, thickness, length, colour);
      this.fill(x + width - thickness, y + at, thickness, length, colour);
    }
  }

  /** @param size px a dot; the top left corner of the first character is at (x, y) */
  text(text: string, x: number, y: number, size: number, colour: Colour): void {
    [...text].forEach((character, n) => {
      glyph(character).forEach((column, i) => {
        for (let j = 0; j < GLYPH_ROWS; j++) {
          if (column & (1 << j)) {
            this.fill(x + (n * (GLYPH_COLUMNS + 1) + i) * size, y + j * size, size, size, colour);
          }
        }
      });
    });
  }
}

/** Size of a line of text in px. */
export function textSize(text: string, size: number): { width: number; height: number } {
  return { width: ([...text].length * (GLYPH_COLUMNS + 1) - 1) * size, height: GLYPH_ROWS * size };
}
