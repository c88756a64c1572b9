/** A building's front: windows, doors, sills, drainpipes, shop fronts. Drawn in the plane of the wall. */
import type { Point } from './camera.ts';
import { type Colour, mix, SHOP_PAINT, scale, vary } from './colour.ts';
import type { Painter, Surface } from './painter.ts';
import { mixSeed, Random } from './random.ts';

/** A vertical plane: u metres along from the origin, v metres up, w metres out. */
export interface Plane {
  readonly x: number;
  readonly z: number;
  /** Unit vector along. */
  readonly ax: number;
  readonly az: number;
  /** Unit outward normal. */
  readonly nx: number;
  readonly nz: number;
  readonly base: number;
}

export function at(plane: Plane, u: number, v: number, w = 0): Point {
  return [plane.x + plane.ax * u + plane.nx * w, plane.base + v, plane.z + plane.az * u + plane.nz * w];
}

export function panel(
  p: Painter,
  plane: Plane,
  u0: number,
  v0: number,
  u1: number,
  v1: number,
  surface: Surface,
  w = 0,
): void {
  p.polygon([at(plane, u0, v0, w), at(plane, u1, v0, w), at(plane, u1, v1, w), at(plane, u0, v1, w)], {
    normal: [plane.nx, 0, plane.nz],
    ...surface,
  });
}

export interface FacadeStyle {
  readonly seed: number;
  readonly length: number;
  readonly height: number;
  readonly floors: number;
  readonly wall: Colour;
  readonly trim: Colour;
  readonly frame: Colour;
  readonly shop: boolean;
  /** Window width, height, and pitch, metres. */
  readonly window: readonly [number, number, number];
  readonly sash: 'cross' | 'bar' | 'plain' | 'band';
  readonly drainpipes: boolean;
  /** Upright strips over the wall: pitch in metres, 0 none; `proud` metres out. */
  readonly fins: number;
}

function glass(p: Painter, rng: Random): Surface {
  const { light } = p;
  const kind = rng.next();
  const reflection = rng.range(0.01, kind < 0.2 ? 0.3 : 0.07);
  const litRoom = light.lampsOn && rng.chance(0.3);
  const glow: Colour = litRoom
    ? scale([0.9, 0.6, 0.28], rng.range(0.2, 0.9))
    : scale(light.horizon, reflection);
  return { colour: [0.02, 0.022, 0.025], glow, slopeY: rng.range(-0.5, 0.2), slopeX: rng.range(-0.2, 0.2) };
}

function paintWindow(
  p: Painter,
  plane: Plane,
  f: FacadeStyle,
  u: number,
  v: number,
  detail: number,
  rng: Random,
) {
  const [w, h] = f.window;
  const u1 = u + w;
  const v1 = v + h;
  if (f.sash !== 'band' && detail > 2) {
    panel(p, plane, u - 0.08, v1, u1 + 0.08, v1 + 0.16, { colour: f.trim });
    panel(p, plane, u - 0.1, v - 0.12, u1 + 0.1, v, { colour: scale(f.trim, 1.1) });
  }
  const g = glass(p, rng);
  if (detail > 2.5) panel(p, plane, u, v, u1, v1, { colour: f.frame });
  const b = detail > 2.5 ? 0.07 : 0;
  panel(p, plane, u + b, v + b, u1 - b, v1 - b, g);
  if (rng.chance(0.3))
    panel(p, plane, u + b, v + h * rng.range(0.1, 0.6), u1 - b, v1 - b, {
      colour: [0.3, 0.29, 0.27],
      alpha: 0.8,
    });
  // The lintel's shadow on the recessed pane.
  panel(p, plane, u, v1 - 0.16, u1, v1, { colour: [0.01, 0.01, 0.01], alpha: 0.6 });
  if (detail < 4) return;
  const bar = 0.035;
  if (f.sash === 'cross' || f.sash === 'bar') {
    const mid = v + h * 0.5;
    panel(p, plane, u, mid - bar, u1, mid + bar, { colour: f.frame });
  }
  if (f.sash === 'cross' || f.sash === 'band') {
    const n = f.sash === 'band' ? Math.round(w / 0.9) : 2;
    for (let i = 1; i < n; i++) {
      const x = u + (w * i) / n;
      panel(p, plane, x - bar, v, x + bar, v1, { colour: f.frame });
    }
  }
}

function paintDoor(p: Painter, plane: Plane, u: number, colour: Colour, frame: Colour): void {
  panel(p, plane, u - 0.1, 0, u + 1.1, 2.35, { colour: frame });
  panel(p, plane, u, 0, u + 1, 2.1, { colour, slopeY: 0.1 });
  panel(p, plane, u + 0.2, 1.2, u + 0.8, 1.9, { colour: [0.03, 0.03, 0.035] });
}

function paintShop(p: Painter, plane: Plane, f: FacadeStyle, ground: number, detail: number): void {
  const rng = new Random(f.seed, 77);
  const { light } = p;
  for (let u = 0.1; u < f.length - 2; ) {
    const w = Math.min(f.length - 0.2 - u, rng.range(4, 7.5));
    const colour = vary(rng, rng.pick(SHOP_PAINT), 0.2);
    const top = ground - 0.15;
    panel(p, plane, u, 0, u + w, top, { colour });
    const lit = light.lampsOn ? rng.range(0.25, 1) : rng.range(0, 0.18);
    const inside: Surface = {
      colour: [0.03, 0.03, 0.03],
      glow: mix(
        scale(light.horizon, rng.range(0.01, 0.08)),
        scale([1, 0.85, 0.6], lit),
        light.lampsOn ? 0.8 : 0.4,
      ),
      slopeY: rng.range(-0.5, 0.1),
    };
    const door = rng.range(0.2, w - 1.4);
    panel(p, plane, u + 0.2, 0.5, u + w - 0.2, top - 0.75, inside);
    if (detail > 3)
      for (let i = 0; i < 10; i++) {
        const x = u + 0.3 + rng.next() * (w - 1);
        const y = 0.5 + rng.next() * 0.9;
        panel(p, plane, x, y, x + rng.range(0.1, 0.6), y + rng.range(0.15, 0.9), {
          colour: vary(rng, rng.pick(SHOP_PAINT), 0.4),
          alpha: 0.7,
        });
      }
    panel(p, plane, u + door, 0, u + door + 1.05, top - 0.75, { colour: scale(colour, 0.7) });
    panel(p, plane, u + door + 0.1, 0.2, u + door + 0.95, top - 0.9, inside);
    for (let x = u + 0.2; x < u + w; x += rng.range(1, 1.9))
      panel(p, plane, x - 0.04, 0.4, x + 0.04, top - 0.75, { colour: scale(colour, 1.2) });
    // Fascia with lettering.
    const board = rng.chance(0.5) ? vary(rng, rng.pick(SHOP_PAINT), 0.2) : colour;
    panel(
      p,
      plane,
      u,
      top - 0.75,
      u + w,
      top,
      { colour: board, glow: scale(board, light.lampsOn ? 0.5 : 0) },
      0.12,
    );
    const ink: Colour = board[0] + board[1] + board[2] > 0.6 ? [0.04, 0.03, 0.03] : [0.8, 0.78, 0.7];
    if (detail > 2.5) {
      const size = rng.range(0.25, 0.42);
      let x = u + w * rng.range(0.08, 0.3);
      for (let k = rng.integer(5, 11); k > 0 && x < u + w - 0.5; k--) {
        const cw = size * rng.range(0.35, 0.7);
        const y = top - 0.38 - size / 2;
        if (rng.chance(0.88)) {
          panel(p, plane, x, y, x + cw * 0.35, y + size * rng.range(0.7, 1), { colour: ink }, 0.13);
          const bar = y + size * rng.pick([0, 0.4, 0.8]);
          panel(p, plane, x, bar, x + cw, bar + size * 0.2, { colour: ink }, 0.13);
        }
        x += cw * 1.35;
      }
    }
    if (rng.chance(0.25)) {
      const awning = vary(rng, rng.pick(SHOP_PAINT), 0.3);
      p.polygon(
        [
          at(plane, u, top - 0.7),
          at(plane, u + w, top - 0.7),
          at(plane, u + w, top - 1.3, 1.2),
          at(plane, u, top - 1.3, 1.2),
        ],
        { colour: awning, normal: [plane.nx * 0.5, 0.85, plane.nz * 0.5] },
      );
    }
    u += w + rng.range(0, 0.4);
  }
}

/** @param detail px a metre at the wall's nearest part. */
export function paintFacade(p: Painter, plane: Plane, f: FacadeStyle, detail: number): void {
  const rng = new Random(f.seed, 5);
  const storey = f.height / f.floors;
  const [w, h, pitch] = f.window;
  const count = Math.max(1, Math.floor((f.length - 0.6) / pitch));
  const margin = (f.length - count * pitch) / 2 + (pitch - w) / 2;
  for (const [top, alpha] of [
    [0.5, 0.3],
    [1.4, 0.16],
    [2.6, 0.1],
  ])
    panel(p, plane, 0, 0, f.length, top, { colour: [0.01, 0.01, 0.01], alpha });
  const doorAt = rng.integer(0, count - 1);
  // Streaks of damp and dirt down the wall.
  if (detail > 4)
    for (let i = 0; i < f.length / 2; i++) {
      const u = rng.range(0, f.length - 0.5);
      const top = rng.range(0.4, 1) * f.height;
      const h = rng.range(0.8, 3);
      panel(p, plane, u, Math.max(0, top - h), u + rng.range(0.15, 1), top, {
        colour: scale(f.wall, rng.range(0.4, 1.2)),
        alpha: rng.range(0.05, 0.3),
        slopeY: -0.2,
      });
    }
  for (let floor = 0; floor < f.floors; floor++) {
    if (floor === 0 && f.shop) continue;
    const v = floor * storey + (storey - h) * 0.45;
    if (f.sash === 'band' && detail > 1)
      panel(p, plane, 0.1, v - 0.3, f.length - 0.1, v + h + 0.2, { colour: scale(f.trim, 0.8) });
    for (let i = 0; i < count; i++) {
      const own = new Random(mixSeed(f.seed, floor, i));
      if (floor === 0 && i === doorAt && !f.shop)
        paintDoor(p, plane, margin + i * pitch, vary(own, own.pick(SHOP_PAINT), 0.3), f.frame);
      else if (own.chance(0.96)) paintWindow(p, plane, f, margin + i * pitch, v, detail, own);
    }
    if (floor > 0 && rng.chance(0.4))
      panel(p, plane, 0, floor * storey - 0.12, f.length, floor * storey + 0.06, { colour: f.trim }, 0.05);
  }
  if (f.shop) paintShop(p, plane, f, storey, detail);
  if (f.fins > 0 && detail > 2) {
    const thick = f.fins < 1 ? 0.07 : 0.22;
    const from = f.shop ? storey : f.fins < 1 ? storey * 0.9 : 0;
    for (let u = f.fins / 2; u < f.length - 0.1; u += f.fins)
      panel(
        p,
        plane,
        u - thick / 2,
        from,
        u + thick / 2,
        f.height,
        { colour: scale(f.trim, 0.9), slopeX: 0.25 },
        0.15,
      );
  }
  if (f.drainpipes)
    for (const u of [0.25, f.length - 0.25])
      panel(p, plane, u - 0.05, 0, u + 0.05, f.height, { colour: [0.05, 0.05, 0.05], slopeX: 0.4 }, 0.1);
}
