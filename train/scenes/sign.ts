/** What hangs on poles without being pole: plates, signal heads, boxes, cross-arms. */
import type { Point } from './camera.ts';
import { type Colour, scale, srgb } from './colour.ts';
import type { Painter, Surface } from './painter.ts';

export interface Plate {
  readonly shape:
    | 'round'
    | 'triangle'
    | 'square'
    | 'flag'
    | 'arrow'
    | 'signal'
    | 'box'
    | 'crossarm'
    | 'banner'
    | 'globe';
  /** Of its centre above the pole's foot, metres. */
  readonly height: number;
  readonly size: number;
  readonly hue: number;
  /** Above 0: shows its face, by this share of its width; below: its back. */
  readonly turn: number;
}

const RED = srgb(190, 24, 30);
const WHITE: Colour = [0.78, 0.78, 0.75];
const BACK: Colour = [0.22, 0.22, 0.22];
const FACES: readonly Colour[] = [
  srgb(30, 70, 160),
  WHITE,
  srgb(230, 190, 30),
  srgb(20, 100, 60),
  srgb(30, 30, 32),
];

function rectangle(p: Painter, c: Point, w: number, h: number, surface: Surface): void {
  const right = [Math.cos(p.camera.pose.yaw), Math.sin(p.camera.pose.yaw)];
  const [rx, rz] = [(right[0] * w) / 2, (-right[1] * w) / 2];
  p.polygon(
    [
      [c[0] - rx, c[1] - h / 2, c[2] - rz],
      [c[0] + rx, c[1] - h / 2, c[2] + rz],
      [c[0] + rx, c[1] + h / 2, c[2] + rz],
      [c[0] - rx, c[1] + h / 2, c[2] - rz],
    ],
    surface,
  );
}

export function paintPlate(p: Painter, c: Point, plate: Plate): void {
  const { size, hue } = plate;
  const w = size * Math.abs(plate.turn);
  const front = plate.turn > 0;
  const face = front ? FACES[hue] : BACK;
  switch (plate.shape) {
    case 'round': {
      const rim = front ? (hue === 0 ? FACES[0] : RED) : BACK;
      p.ellipse(c, w / 2, size / 2, { colour: rim });
      if (!front) return;
      p.ellipse(c, w * 0.37, size * 0.37, { colour: hue === 0 ? FACES[0] : hue === 3 ? RED : WHITE });
      if (hue === 3) rectangle(p, c, w * 0.7, size * 0.14, { colour: WHITE });
      else rectangle(p, c, w * 0.2, size * 0.4, { colour: hue === 0 ? WHITE : [0.03, 0.03, 0.03] });
      return;
    }
    case 'triangle': {
      for (const [k, colour] of [
        [1, front ? RED : BACK],
        [0.62, front ? WHITE : BACK],
      ] as const)
        p.polygon(
          [
            [c[0] - (w / 2) * k, c[1] - 0.35 * size * k, c[2]],
            [c[0] + (w / 2) * k, c[1] - 0.35 * size * k, c[2]],
            [c[0], c[1] + 0.5 * size * k, c[2]],
          ],
          { colour },
        );
      if (front)
        rectangle(p, [c[0], c[1] - 0.05 * size, c[2]], w * 0.1, size * 0.3, { colour: [0.03, 0.03, 0.03] });
      return;
    }
    case 'square':
    case 'arrow': {
      const h = plate.shape === 'arrow' ? size * 0.45 : size * 1.1;
      const width = plate.shape === 'arrow' ? w * 2 : w;
      rectangle(p, c, width, h, { colour: face, slopeY: 0.08 });
      if (!front) return;
      const ink: Colour = hue === 1 || hue === 2 ? [0.04, 0.04, 0.04] : WHITE;
      for (let k = 0; k < 3; k++)
        rectangle(
          p,
          [c[0], c[1] + h * (0.28 - k * 0.26), c[2]],
          width * (0.75 - 0.15 * ((hue + k) % 3)),
          h * 0.12,
          {
            colour: ink,
          },
        );
      return;
    }
    case 'flag':
      rectangle(p, [c[0] + w * 0.55, c[1], c[2]], w, size * 1.2, { colour: face });
      if (front)
        rectangle(p, [c[0] + w * 0.55, c[1] + size * 0.3, c[2]], w * 0.8, size * 0.35, {
          colour: hue === 1 ? RED : WHITE,
        });
      return;
    case 'banner':
      rectangle(p, [c[0] + w * 0.6, c[1], c[2]], w, size * 2, { colour: FACES[hue], slopeY: 0.1 });
      rectangle(p, [c[0] + w * 0.6, c[1] + size * 0.4, c[2]], w * 0.6, size * 0.4, {
        colour: hue === 1 ? FACES[0] : WHITE,
      });
      return;
    case 'box':
      rectangle(p, c, size, size * 1.1, { colour: scale(FACES[2], hue === 3 ? 0.25 : 1), slopeX: 0.2 });
      return;
    case 'crossarm':
      rectangle(p, c, size * 1.4, 0.1, { colour: [0.1, 0.08, 0.06] });
      for (const k of [-0.6, -0.25, 0.25, 0.6])
        rectangle(p, [c[0] + k * size, c[1] + 0.12, c[2]], 0.07, 0.16, { colour: [0.3, 0.28, 0.25] });
      return;
    case 'globe':
      p.ellipse(c, size / 2, size / 2, {
        colour: srgb(235, 140, 30),
        glow: [0.35, 0.14, 0.02],
        slopeY: -0.3,
      });
  }
}

export function paintSignal(p: Painter, c: Point, plate: Plate, side: number): void {
  const h = plate.size;
  const w = h * 0.36;
  const front = plate.turn > 0;
  const centre: Point = [c[0] + side * 0.12, c[1], c[2]];
  if (front && plate.hue > 0) {
    rectangle(p, centre, w * 1.75, h * 1.2, { colour: WHITE });
    rectangle(p, centre, w * 1.6, h * 1.14, { colour: [0.015, 0.015, 0.015] });
  }
  rectangle(p, centre, w, h, { colour: [0.02, 0.02, 0.022], slopeX: 0.3 });
  if (!front) return;
  const colours: readonly Colour[] = [
    [1.4, 0.08, 0.05],
    [1.3, 0.6, 0.05],
    [0.08, 1.2, 0.5],
  ];
  // The lamp that is lit changes slowly.
  const lit = (plate.hue + Math.floor(p.time / 6)) % 3;
  for (let k = 0; k < 3; k++) {
    const on = k === lit;
    p.ellipse([centre[0], centre[1] + h * (0.3 - k * 0.3), centre[2]], w * 0.32, h * 0.12, {
      colour: on ? [0.1, 0.1, 0.1] : scale(colours[k], 0.05),
      glow: on ? colours[k] : undefined,
    });
  }
}
