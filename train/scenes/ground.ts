/** The ground: road, kerbs, pavements, verges, side roads, markings, patches and covers. Slices lock to the world. */
import { NEAR, type Point } from './camera.ts';
import { type Colour, mix, scale, vary } from './colour.ts';
import type { Painter, Surface } from './painter.ts';
import { Random } from './random.ts';
import type { Side, Street } from './street.ts';
import type { Tile } from './textures.ts';

const SLICE = 20;
const UP: Point = [0, 1, 0];
/** Kerb height. */
export const KERB = 0.11;
const WIDE = 160;

interface Ground {
  readonly road: Colour;
  readonly pavement: Colour;
  readonly grass: Colour;
  readonly white: Colour;
  readonly yellow: Colour;
  readonly kerb: Colour;
}

function groundColours(rng: Random): Ground {
  const tone = rng.range(0.06, 0.17);
  const road: Colour = mix([tone, tone, tone * 1.03], [tone * 1.05, tone, tone * 0.93], rng.next());
  return {
    road,
    pavement: vary(rng, mix(scale(road, 1.25), [0.24, 0.22, 0.2], rng.next() * 0.6), 0.1),
    grass: vary(rng, [0.085, 0.12, 0.04], 0.2),
    white: scale([0.75, 0.75, 0.72], rng.range(0.55, 1.05)),
    yellow: scale([0.62, 0.46, 0.12], rng.range(0.6, 1.1)),
    kerb: scale([0.34, 0.33, 0.31], rng.range(0.7, 1.1)),
  };
}

function strip(
  p: Painter,
  x0: number,
  x1: number,
  z0: number,
  z1: number,
  y: number,
  surface: Surface,
): void {
  p.polygon(
    [
      [x0, y, z0],
      [x1, y, z0],
      [x1, y, z1],
      [x0, y, z1],
    ],
    { normal: UP, ...surface },
  );
}

function textured(colour: Colour, tile: Tile, size: number, amount: number, soft: number): Surface {
  return { colour, tile, tileWidth: size, tileHeight: size, amount, soft };
}

/** Flat paint on the road between two (x, z) ends. */
function line(
  p: Painter,
  x0: number,
  z0: number,
  x1: number,
  z1: number,
  width: number,
  colour: Colour,
): void {
  const l = Math.hypot(x1 - x0, z1 - z0) || 1;
  const [nx, nz] = [((z1 - z0) / l) * (width / 2), (-(x1 - x0) / l) * (width / 2)];
  p.polygon(
    [
      [x0 - nx, 0, z0 - nz],
      [x0 + nx, 0, z0 + nz],
      [x1 + nx, 0, z1 + nz],
      [x1 - nx, 0, z1 - nz],
    ],
    { colour, normal: UP, alpha: 0.9, tile: p.tiles.asphalt, tileWidth: 1.2, amount: 0.6, soft: 0.5 },
  );
}

export function paintGround(p: Painter, street: Street, seed: number): void {
  const rng = new Random(seed, 3);
  const colours = groundColours(rng);
  const from = p.camera.pose.z + NEAR;
  const [left, right] = street.sides;
  const first = Math.floor((from - 4) / SLICE) * SLICE;
  const last = first + 260;
  p.sunlight = 1;
  // Everything is outer ground first, then the street on it. Far slices first.
  for (let z = last; z >= first; z -= SLICE) {
    for (const side of street.sides) paintOuter(p, street, side, z, colours);
    p.canvas.paintsClass('road');
    strip(
      p,
      -left.kerb,
      right.kerb,
      z,
      z + SLICE,
      0,
      textured(colours.road, p.tiles.asphalt, 2.5, 0.5, 0.75),
    );
  }
  const { crossing } = street;
  if (crossing.width > 0)
    for (const side of street.sides) paintSideRoad(p, side, crossing.z, crossing.z + crossing.width, colours);
  for (const side of street.sides)
    for (const [a, b] of side.gaps) if (b > from) paintSideRoad(p, side, a, b, colours);
  paintGutters(p, street, colours, from);
  paintWear(p, street, colours, rng, from);
  paintMarkings(p, street, colours, rng, from);
}

function paintOuter(p: Painter, street: Street, side: Side, z: number, c: Ground): void {
  const s = side.sign;
  const open = side.kind === 'open';
  const outer = open
    ? textured(c.road, p.tiles.asphalt, 2.5, 0.6, 0.6)
    : textured(c.grass, p.tiles.grass, 5, 0.9, 0.8);
  p.canvas.paintsClass(open ? 'road' : 'tree');
  strip(p, s * side.edge, s * WIDE, z, z + SLICE, side.kind === 'open' ? 0 : KERB, outer);
  const paved =
    street.paved === 'slabs'
      ? textured(c.pavement, p.tiles.slabs, 2.5, 0.9, 0.5)
      : textured(c.pavement, p.tiles.asphalt, 2.5, 0.5, 0.6);
  p.canvas.paintsClass('pavement');
  strip(p, s * side.kerb, s * side.edge, z, z + SLICE, KERB, paved);
  if (side.verge > 0) {
    p.canvas.paintsClass('tree');
    strip(p, s * (side.kerb + 0.2), s * (side.kerb + side.verge), z, z + SLICE, KERB, {
      ...textured(c.grass, p.tiles.grass, 5, 0.9, 0.8),
    });
    p.canvas.paintsClass('pavement');
  }
  // Kerb stone: its top and its face.
  strip(p, s * side.kerb, s * (side.kerb + 0.14), z, z + SLICE, KERB, { colour: c.kerb });
  p.polygon(
    [
      [s * side.kerb, 0, z],
      [s * side.kerb, 0, z + SLICE],
      [s * side.kerb, KERB, z + SLICE],
      [s * side.kerb, KERB, z],
    ],
    { colour: scale(c.kerb, 0.6), normal: [-s, 0, 0] },
  );
}

function paintSideRoad(p: Painter, side: Side, z0: number, z1: number, c: Ground): void {
  const s = side.sign;
  const road = textured(c.road, p.tiles.asphalt, 2.5, 0.5, 0.7);
  p.canvas.paintsClass('road');
  for (let x = side.kerb - 0.1; x < 60; x += 15) strip(p, s * x, s * (x + 15), z0, z1, KERB, road);
  // Lowered kerb corners.
  const corner = 2.2;
  for (const [a, b] of [
    [z0, z0 - corner],
    [z1, z1 + corner],
  ])
    p.polygon(
      [
        [s * (side.kerb - 0.02), KERB, a],
        [s * (side.kerb + corner), KERB, a],
        [s * (side.kerb + corner * 0.3), KERB, a + (b - a) * 0.35],
        [s * (side.kerb - 0.02), KERB, b],
      ],
      { ...road, normal: UP },
    );
  for (let k = 0; k < 4; k++)
    line(
      p,
      s * side.kerb,
      z0 + ((k + 0.2) * (z1 - z0)) / 4,
      s * side.kerb,
      z0 + ((k + 0.7) * (z1 - z0)) / 4,
      0.15,
      c.white,
    );
}

/** Dirt along the kerbs, and the tracks that tyres darken. */
function paintGutters(p: Painter, street: Street, c: Ground, from: number): void {
  const start = Math.floor(from / SLICE) * SLICE;
  const dirt = (x0: number, x1: number, z: number, tone: number, alpha: number) =>
    strip(p, x0, x1, z, z + SLICE, 0, {
      ...textured(scale(c.road, tone), p.tiles.asphalt, 2.5, 0.7, 1),
      alpha,
    });
  for (let z = start; z < start + 80; z += SLICE)
    for (const { sign, kerb } of street.sides) {
      dirt(sign * (kerb - 0.3), sign * kerb, z, 0.6, 0.7);
      dirt(sign * (kerb - 0.9), sign * (kerb - 0.3), z, 0.8, 0.4);
      for (const wheel of [0.28, 0.72])
        dirt(sign * (kerb * wheel - 0.3), sign * (kerb * wheel + 0.3), z, 0.82, 0.35);
    }
}

/** Repairs, covers, oil, cracks. */
function paintWear(p: Painter, street: Street, c: Ground, rng: Random, from: number): void {
  const [left, right] = street.sides;
  for (let z = street.start; z < street.end; z += rng.range(4, 18)) {
    const x = rng.range(-left.kerb + 0.3, right.kerb - 0.8);
    const kind = rng.next();
    const [w, l] = [rng.range(0.5, 2), rng.range(0.8, 9)];
    const tone = rng.range(0.55, 1.35);
    if (z + l < from || z > from + 60) continue;
    if (kind < 0.45)
      strip(p, x, x + w, z, z + l, 0, {
        ...textured(scale(c.road, tone), p.tiles.asphalt, 1.7, 0.6, 0.4),
        alpha: 0.75,
      });
    else if (kind < 0.7) {
      const points: Point[] = [];
      for (let i = 0; i < 12; i++)
        points.push([x + 0.33 * Math.cos((i * Math.PI) / 6), 0, z + 0.33 * Math.sin((i * Math.PI) / 6)]);
      p.polygon(points, { colour: scale(c.road, 0.5), normal: UP });
    } else line(p, x, z, x + rng.range(-1.5, 1.5), z + l, 0.05, scale(c.road, 0.45));
  }
}

function paintMarkings(p: Painter, street: Street, c: Ground, rng: Random, from: number): void {
  const [left, right] = street.sides;
  const middle = (right.kerb - left.kerb) / 2;
  const far = from + 120;
  const begin = Math.floor(from / 6) * 6;
  const { crossing } = street;
  const clear = (z: number) => crossing.width > 0 && z > crossing.z - 1 && z < crossing.z + crossing.width;
  const mark = rng.pick([2, 4, 3]);
  for (let z = begin; z < far; z += 6) {
    if (clear(z)) continue;
    if (street.centre === 'dashes') line(p, middle, z, middle, z + mark, 0.12, c.white);
    else if (street.centre === 'solid') line(p, middle, z, middle, z + 6, 0.11, c.white);
    else if (street.centre === 'hatched') {
      line(p, middle - 0.5, z, middle - 0.5, z + mark, 0.1, c.white);
      line(p, middle + 0.5, z, middle + 0.5, z + mark, 0.1, c.white);
      line(p, middle - 0.45, z, middle + 0.45, z + 1.5, 0.14, c.white);
    }
    for (const side of street.sides) {
      if (street.kerbLines === 'none' || side.gaps.some(([a, b]) => z > a - 5 && z < b)) continue;
      const x = side.sign * (side.kerb - 0.3);
      const colour = street.kerbLines === 'white' ? c.white : c.yellow;
      line(p, x, z, x, z + 6, 0.075, colour);
      if (street.kerbLines === 'double')
        line(p, x - side.sign * 0.18, z, x - side.sign * 0.18, z + 6, 0.075, colour);
    }
  }
  for (const z of street.zebras)
    for (let x = -left.kerb + 0.3; x < right.kerb - 0.5; x += 1.1)
      line(p, x + 0.3, z, x + 0.3, z + 2.6, 0.55, c.white);
  if (crossing.width > 0) {
    line(p, -left.kerb, crossing.z - 1.2, middle, crossing.z - 1.2, 0.3, c.white);
    if (rng.chance(0.35))
      for (let k = -12; k < 12; k += 2) {
        line(p, k, crossing.z, k + 4, crossing.z + crossing.width, 0.13, c.yellow);
        line(p, k + 4, crossing.z, k, crossing.z + crossing.width, 0.13, c.yellow);
      }
  }
  for (let z = rng.range(0, 30); z < street.end; z += rng.range(25, 60)) {
    const x = rng.pick([-left.kerb * 0.5, right.kerb * 0.5]);
    if (z < from || z > far) continue;
    line(p, x, z, x, z + 2.6, 0.16, c.white);
    p.polygon(
      [
        [x - 0.45, 0, z + 2.6],
        [x + 0.45, 0, z + 2.6],
        [x, 0, z + 4.2],
      ],
      { colour: c.white, normal: UP, alpha: 0.9 },
    );
  }
  if (street.carPark)
    for (const side of street.sides)
      if (side.kind === 'open')
        for (let z = begin; z < from + 70; z += 2.5)
          line(p, side.sign * side.edge, z, side.sign * (side.edge + 5), z, 0.1, c.white);
}
