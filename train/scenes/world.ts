/** A whole street from a seed: its plan, everything on it, its light, and the camera's drive through it. */
import { Building, planBuilding } from './building.ts';
import type { CameraPose, Point } from './camera.ts';
import { KERB } from './ground.ts';
import { Hedge } from './hedge.ts';
import { type Light, makeLight } from './light.ts';
import { Pole, type PoleKind, planPole } from './pole.ts';
import { addPeople, addVehicles } from './population.ts';
import { Barrier, BOX_KINDS, Box } from './prop.ts';
import { Random } from './random.ts';
import { inGap, makeStreet, type Side, type Street } from './street.ts';
import type { Thing } from './thing.ts';
import { Tree } from './tree.ts';
import { planVehicle, Vehicle } from './vehicle.ts';

export interface World {
  readonly seed: number;
  readonly street: Street;
  readonly light: Light;
  readonly things: readonly Thing[];
  /** Outlines of the buildings' shadows on the ground. */
  readonly shadows: readonly (readonly Point[])[];
  /** The picture is mirrored at the end: right-hand traffic. */
  readonly mirrored: boolean;
  /** Where the camera is at a time in seconds; `focal` for a picture 480 px wide. */
  pose(time: number): CameraPose;
}

const AHEAD = 150;

/** @param seconds how long the camera drives; 0 for one picture. */
export function makeWorld(seed: number, seconds: number): World {
  const rng = new Random(seed, 0);
  const speed = seconds > 0 ? rng.range(2.5, 7) : 0;
  const street = makeStreet(new Random(seed, 10), -12, AHEAD + speed * seconds);
  const things: Thing[] = [];
  let track = 0;
  const tracks = { next: () => ++track };
  for (const side of street.sides) {
    lineSide(new Random(seed, 11, side.sign), street, side, things);
    addPoles(new Random(seed, 12, side.sign), street, side, things, tracks);
  }
  closeStreet(new Random(seed, 13), street, things, tracks);
  addPeople(new Random(seed, 14), street, things, tracks, rng.pick([0.25, 0.5, 0.8, 1.2, 2]));
  thinOut(new Random(seed, 18), things, 55 + speed * seconds);
  addVehicles(new Random(seed, 15), street, things, rng.range(0.5, 1.5));
  const lane = -street.sides[0].kerb * rng.range(0.35, 0.55);
  if (rng.chance(0.45))
    things.push(new Vehicle(planVehicle(rng, lane + rng.normal() * 0.2, rng.range(8, 30), 1, speed * 1.03)));
  const light = makeLight(new Random(seed, 16));
  const shadows: Point[][] = [];
  if (light.weather === 'sun')
    for (const thing of things) if (thing instanceof Building) shadows.push(thing.shadowOutline(light.sun));
  return {
    seed,
    street,
    light,
    things,
    shadows,
    mirrored: rng.chance(0.5),
    pose: makeDrive(new Random(seed, 17), lane, speed),
  };
}

function makeDrive(rng: Random, lane: number, speed: number): (time: number) => CameraPose {
  const height = rng.range(1.15, 1.6);
  const yaw = rng.chance(0.25) ? rng.range(-0.4, 0.4) : rng.normal() * 0.07;
  const pitch = rng.range(-0.035, 0.05);
  const roll = rng.normal() * 0.008;
  const focal = rng.range(400, 560);
  const bend = rng.chance(0.5) ? 0 : rng.normal() * 0.0011;
  const hill = rng.normal() * 0.00012;
  const turn = rng.chance(0.4) ? rng.range(-0.12, 0.12) : rng.normal() * 0.01;
  const [a, b, c, d] = [rng.range(0, 6), rng.range(0, 6), rng.range(0, 6), rng.range(0, 6)];
  const shake = rng.range(0.2, 1);
  return (time) => {
    const moving = speed > 0 ? shake : 0;
    // Turns come and go, so that a long drive stays in its lane.
    const swing = turn * 2.5 * Math.sin(time / 2.5);
    return {
      x: lane + moving * 0.12 * Math.sin(time * 0.5 + a),
      y: height + moving * 0.012 * Math.sin(time * 9 + b),
      z: speed * time,
      yaw: yaw + swing + moving * 0.003 * Math.sin(time * 5.3 + c),
      pitch: pitch + moving * (0.0035 * Math.sin(time * 11 + d) + 0.0025 * Math.sin(time * 4.1 + a)),
      roll: roll + moving * 0.002 * Math.sin(time * 7 + b),
      focal,
      bend,
      hill,
    };
  };
}

/** Buildings, hedges, walls, trees along one side. */
function lineSide(rng: Random, street: Street, side: Side, things: Thing[]): void {
  const { sign, kind } = side;
  const style = rng.range(1.6, 3.6);
  const shops = kind === 'terrace' ? rng.pick([0.05, 0.4, 0.8]) : 0.05;
  const setback =
    kind === 'terrace' ? rng.range(0, 0.6) : kind === 'houses' ? rng.range(3, 9) : rng.range(25, 60);
  const front = sign * (side.edge + setback);
  const last = Math.min(street.end, street.closed) + (kind === 'park' || kind === 'open' ? 60 : 0);
  for (let z = street.start; z < last; ) {
    const length = kind === 'terrace' ? rng.range(6, 17) : rng.range(7, 14);
    const hit = side.gaps.find(([a, b]) => z + length > a && z < b);
    const { crossing } = street;
    const cross = crossing.width > 0 && z + length > crossing.z - 2 && z < crossing.z + crossing.width + 2;
    if (hit || cross) {
      const gapEnd = hit ? hit[1] : crossing.z + crossing.width + 2;
      const gapStart = hit ? hit[0] : crossing.z - 2;
      if (gapStart - z > 5) addBuilding(rng, things, front, sign, z, gapStart - z, style, shops);
      z = Math.max(z + 1, gapEnd);
      // Something stands across the end of the side road.
      if (rng.chance(0.8))
        addBuilding(
          rng,
          things,
          sign * rng.range(28, 55),
          sign,
          gapStart - 6,
          gapEnd - gapStart + 12,
          style,
          0,
        );
      continue;
    }
    if (
      kind === 'wall' || kind === 'park' || kind === 'open'
        ? rng.chance(kind === 'open' ? 0.6 : 0.4)
        : rng.chance(0.97)
    )
      addBuilding(
        rng,
        things,
        front + (kind === 'terrace' ? 0 : rng.range(0, 2) * sign),
        sign,
        z,
        length,
        style,
        shops,
      );
    z += length + (kind === 'houses' ? rng.range(0, 4) : kind === 'terrace' ? 0 : rng.range(3, 20));
  }
  const edge = sign * (side.edge + 0.05);
  if (kind === 'houses' || kind === 'wall' || kind === 'park') {
    const material =
      kind === 'wall'
        ? rng.pick(['wall', 'fence', 'hoarding'] as const)
        : rng.pick(['wall', 'hedge', 'railing', 'fence', 'none'] as const);
    for (let z = street.start; z < street.end; ) {
      const length = rng.range(4, 10);
      const middle = z + length / 2;
      if (!inGap(street, side, middle, length / 2) && material !== 'none' && rng.chance(0.85)) {
        if (material === 'hedge' || rng.chance(0.12))
          things.push(new Hedge(rng.seed(), edge, sign, z, z + length - 0.3, rng.range(0.8, 1.9)));
        else things.push(new Barrier(rng, material, edge, sign, z, z + length));
      }
      z += length;
    }
  }
  if (kind !== 'terrace') {
    const bare = rng.chance(0.75);
    for (let z = street.start; z < street.end; z += kind === 'park' ? rng.range(3, 10) : rng.range(5, 24)) {
      const out = kind === 'houses' ? rng.range(0.8, Math.max(1, setback - 0.5)) : rng.range(1, 24);
      if (!inGap(street, side, z, 2))
        things.push(
          new Tree(
            rng.seed(),
            sign * (side.edge + out),
            z,
            rng.chance(0.12) ? 'conifer' : rng.chance(bare ? 0.9 : 0.2) ? 'bare' : 'leafy',
          ),
        );
    }
  }
  if (side.verge > 0 || rng.chance(0.25))
    for (let z = street.start + rng.range(0, 15); z < street.end; z += rng.range(9, 26))
      if (!inGap(street, side, z, 3))
        things.push(new Tree(rng.seed(), sign * (side.kerb + 0.8), z, rng.chance(0.8) ? 'bare' : 'leafy'));
  for (let z = street.start; z < street.end; z += rng.range(6, 40)) {
    const out = rng.chance(0.5) ? side.kerb + 0.5 : side.edge - 0.4;
    if (!inGap(street, side, z, 1)) things.push(new Box(rng, rng.pick(BOX_KINDS), sign * out, z));
  }
  if (rng.chance(0.2)) {
    const z = rng.range(5, 60);
    for (let k = 0; k < 6; k++)
      if (!inGap(street, side, z + k * 4, 4))
        things.push(new Barrier(rng, 'guard', sign * (side.kerb + 0.3), sign, z + k * 4, z + k * 4 + 4));
  }
}

function addBuilding(
  rng: Random,
  things: Thing[],
  x: number,
  sign: number,
  z: number,
  length: number,
  style: number,
  shops: number,
): void {
  const plane = { x, z, ax: 0, az: 1, nx: -sign, nz: 0, base: KERB };
  things.push(new Building(planBuilding(rng, plane, length, style, shops)));
}

/** What faces the camera where the street ends or the road meets another. */
function closeStreet(rng: Random, street: Street, things: Thing[], tracks: { next(): number }): void {
  if (!Number.isFinite(street.closed)) return;
  const z = street.closed;
  const style = rng.range(1.5, 3.5);
  for (let x = -70; x < 70; ) {
    const length = rng.range(8, 26);
    if (rng.chance(0.75)) {
      const plane = { x, z: z + rng.range(0, 4), ax: 1, az: 0, nx: 0, nz: -1, base: KERB };
      things.push(new Building(planBuilding(rng, plane, length, style, 0.3)));
    } else
      for (let k = 0; k < 3; k++)
        things.push(
          new Tree(
            rng.seed(),
            x + rng.range(0, length),
            z - rng.range(0, 6),
            rng.chance(0.7) ? 'bare' : 'leafy',
          ),
        );
    x += length;
  }
  for (let x = -50; x < 50; x += rng.range(8, 22)) {
    things.push(
      new Pole(
        tracks.next(),
        planPole(rng, rng.pick(['lamp', 'sign', 'mast', 'lamp'] as const), x, z - rng.range(2, 6), -1),
      ),
    );
  }
}

function addPoles(
  rng: Random,
  street: Street,
  side: Side,
  things: Thing[],
  tracks: { next(): number },
): void {
  const { sign } = side;
  const nearKerb = sign * (side.kerb + 0.45);
  const atEdge = sign * (side.edge - 0.25);
  const add = (kind: PoleKind, x: number, z: number) =>
    things.push(new Pole(tracks.next(), planPole(rng, kind, x, z, -sign)));
  const lamp = planPole(rng, rng.chance(0.12) ? 'wood' : 'lamp', 0, 0, -sign);
  const lampX = rng.chance(0.6) ? nearKerb : atEdge;
  const pitch = rng.range(17, 36);
  for (let z = street.start + rng.range(0, pitch); z < street.end; z += pitch * rng.range(0.85, 1.15))
    if (!inGap(street, side, z, 0.5))
      things.push(
        new Pole(tracks.next(), {
          ...lamp,
          x: lampX,
          z,
          leanX: rng.normal() * 0.008,
          plates: rng.chance(0.85) ? lamp.plates : [],
        }),
      );
  for (let z = street.start; z < street.end; z += rng.range(6, 34))
    if (!inGap(street, side, z, 0.2))
      add(rng.chance(0.8) ? 'sign' : 'mast', rng.chance(0.75) ? nearKerb : atEdge, z);
  const spots = [
    ...side.gaps.flat(),
    ...(street.crossing.width > 0 ? [street.crossing.z, street.crossing.z + street.crossing.width] : []),
  ];
  const signals = rng.chance(0.5);
  for (const z of spots) {
    if (signals && street.crossing.width > 0) {
      add('signal', nearKerb, z + (z > street.crossing.z ? 0.8 : -0.8));
      if (rng.chance(0.5)) add('signal', sign * (side.kerb + rng.range(1, 3)), z + rng.range(-2, 2));
    }
    if (rng.chance(0.4))
      for (let k = 0; k < 4; k++)
        add('bollard', sign * (side.kerb + 0.4 + k * 1.1), z + (z > street.crossing.z ? 1 : -1));
  }
  for (const z of street.zebras) {
    add('beacon', nearKerb, z - 0.5);
    if (rng.chance(0.5)) add('beacon', nearKerb, z + 3.2);
  }
  if (rng.chance(0.3)) {
    const bollard = planPole(rng, 'bollard', 0, 0, 1);
    const from = rng.range(3, 60);
    const step = rng.range(1.4, 3.2);
    for (let k = 0; k < rng.integer(4, 12); k++) {
      const z = from + k * step;
      if (!inGap(street, side, z)) things.push(new Pole(tracks.next(), { ...bollard, x: nearKerb, z }));
    }
  }
  if (side.kind === 'open' || side.kind === 'park')
    for (let z = street.start; z < street.end; z += rng.range(10, 40))
      add(rng.pick(['lamp', 'lamp', 'mast', 'sign'] as const), sign * (side.edge + rng.range(2, 25)), z);
}

/** True where a convex outline on the ground holds the point. */
export function holds(outline: readonly Point[], x: number, z: number): boolean {
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [a, b] = [outline[j], outline[i]];
    if ((b[0] - a[0]) * (z - a[2]) - (b[2] - a[2]) * (x - a[0]) < 0) return false;
  }
  return outline.length > 2;
}

/** Drops most people and thin poles that stay far away: they are too small to be labelled. */
function thinOut(rng: Random, things: Thing[], beyond: number): void {
  for (let i = things.length - 1; i >= 0; i--) {
    const thing = things[i];
    const z = thing.place?.(0)[1] ?? 0;
    const dropped =
      (thing.label === 'person' && rng.chance(0.65)) ||
      (thing.label === 'pole' && (thing.thickness ?? 1) < 0.15 && rng.chance(0.6));
    if (dropped && z > beyond) things.splice(i, 1);
  }
}
