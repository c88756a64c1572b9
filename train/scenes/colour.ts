/** Colours in linear light, 0 black to 1 white paper; the camera's curve comes last (camera-look.ts). */
import type { Random } from './random.ts';

export type Colour = readonly [number, number, number];

/** From sRGB 0..255 to linear. */
export function srgb(r: number, g: number, b: number): Colour {
  return [(r / 255) ** 2.2, (g / 255) ** 2.2, (b / 255) ** 2.2];
}

export function scale(c: Colour, f: number): Colour {
  return [c[0] * f, c[1] * f, c[2] * f];
}

export function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** A neighbouring colour: brightness by a factor of about 1 +- amount, a little tint. */
export function vary(rng: Random, c: Colour, amount = 0.2): Colour {
  const f = Math.max(0.3, 1 + rng.normal() * amount);
  const t = amount * 0.25;
  return [c[0] * f * (1 + rng.normal() * t), c[1] * f, c[2] * f * (1 + rng.normal() * t)];
}

export const CLOTHES: readonly Colour[] = [
  ...[8, 12, 18, 24, 32, 42, 54].map((v) => srgb(v, v, v + 4)),
  srgb(22, 26, 44),
  srgb(30, 34, 60),
  srgb(44, 58, 92),
  srgb(60, 76, 112),
  srgb(58, 48, 40),
  srgb(82, 68, 52),
  srgb(48, 54, 40),
  srgb(96, 96, 100),
  srgb(130, 128, 124),
];
export const BRIGHT_CLOTHES: readonly Colour[] = [
  srgb(170, 30, 34),
  srgb(120, 20, 40),
  srgb(215, 215, 210),
  srgb(180, 186, 196),
  srgb(40, 90, 170),
  srgb(196, 206, 60),
  srgb(200, 96, 40),
  srgb(190, 160, 120),
  srgb(150, 70, 110),
  srgb(40, 110, 80),
  srgb(150, 130, 80),
  srgb(110, 120, 140),
  srgb(150, 150, 158),
];
export const SKIN: readonly Colour[] = [
  srgb(226, 184, 158),
  srgb(208, 160, 130),
  srgb(180, 130, 100),
  srgb(140, 94, 66),
  srgb(96, 62, 44),
  srgb(70, 46, 36),
];
export const HAIR: readonly Colour[] = [
  srgb(24, 20, 18),
  srgb(48, 34, 24),
  srgb(86, 60, 38),
  srgb(150, 116, 70),
  srgb(120, 118, 114),
  srgb(190, 188, 184),
];
export const WALLS: readonly Colour[] = [
  srgb(150, 92, 70),
  srgb(128, 74, 58),
  srgb(172, 150, 112),
  srgb(186, 168, 132),
  srgb(160, 128, 96),
  srgb(206, 200, 188),
  srgb(222, 218, 210),
  srgb(150, 146, 140),
  srgb(120, 116, 112),
  srgb(190, 180, 160),
  srgb(140, 128, 108),
];
export const CAR_PAINT: readonly Colour[] = [
  srgb(20, 20, 24),
  srgb(46, 48, 52),
  srgb(120, 124, 128),
  srgb(176, 180, 184),
  srgb(228, 228, 226),
  srgb(26, 36, 80),
  srgb(40, 70, 130),
  srgb(140, 20, 24),
  srgb(24, 70, 50),
  srgb(100, 30, 36),
  srgb(150, 140, 110),
  srgb(70, 120, 110),
];
export const SHOP_PAINT: readonly Colour[] = [
  srgb(20, 60, 40),
  srgb(120, 20, 24),
  srgb(24, 36, 90),
  srgb(30, 30, 32),
  srgb(210, 205, 190),
  srgb(150, 100, 50),
  srgb(70, 74, 80),
  srgb(110, 106, 96),
  srgb(44, 60, 60),
  srgb(60, 30, 70),
  srgb(150, 36, 40),
  srgb(50, 96, 140),
  srgb(200, 180, 90),
];
