/** How a polygon is coloured: colour, brightness gradient, tile, cutout, fade, shadow. */
import type { Tile } from './textures.ts';

/** How a polygon is coloured; one mutable instance is reused. Colours are lit and fogged already. */
export class Paint {
  r = 0;
  g = 0;
  b = 0;
  alpha = 1;
  /** Brightness factor g0 + gx * x + gy * y, screen px, clamped to 0.05..4. */
  g0 = 1;
  gx = 0;
  gy = 0;
  tile: Tile | undefined;
  /** Strength of the tile's contrast: factor 1 + amount * (tile - 1). */
  amount = 1;
  /** A second, coarse tile over the same coordinates, at `softScale` of them. */
  soft = 0;
  softScale = 0.13;
  /** Above 0: the tile is cover, kept where its value exceeds this. */
  cutout = 0;
  /** Above 0: cover (or alpha) fades towards this radius around (fadeX, fadeY), px; fadeRatio = width / height. */
  fade = 0;
  fadeX = 0;
  fadeY = 0;
  fadeRatio = 1;
  /** Screen to tile texels: (u, v, w) = h . (x, y, 1), texel = u / w, v / w. */
  readonly h = new Float64Array(9);
  /** Darkens what lies below by this factor per channel (r, g, b) instead of covering it. */
  multiply = false;
  /** With multiply: a pixel darkens by the joint cover of all polygons since `begin`, not by each. */
  once = false;

  reset(r: number, g: number, b: number): this {
    this.r = r;
    this.g = g;
    this.b = b;
    this.alpha = 1;
    this.g0 = 1;
    this.gx = 0;
    this.gy = 0;
    this.tile = undefined;
    this.amount = 1;
    this.soft = 0;
    this.softScale = 0.13;
    this.cutout = 0;
    this.fade = 0;
    this.multiply = false;
    this.once = false;
    return this;
  }
}
