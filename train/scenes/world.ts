/** A whole street from a seed: its plan, everything on it, its light, and the camera's drive through it. */

import { stepOut } from './appearance.ts';
import { Building } from './building.ts';
import type { CameraPose, Point } from './camera.ts';
import { type Light, makeLight } from './light.ts';
import { addPoles } from './pole-row.ts';
import { addPeople, addVehicles, makeParking } from './population.ts';
import { Random } from './random.ts';
import { OPEN_STREET, type Setting } from './setting.ts';
import { closeStreet, lineSide } from './side.ts';
import { makeStreet, type Street } from './street.ts';
import type { Thing } from './thing.ts';
import { Vehicle } from './vehicle.ts';
import { planVehicle } from './vehicle-plan.ts';

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
export function makeWorld(seed: number, seconds: number, setting: Setting = OPEN_STREET): World {
  const rng = new Random(seed, 0);
  const speed = seconds > 0 ? rng.range(2.5, 7) : 0;
  const street = makeStreet(new Random(seed, 10), -12, AHEAD + speed * seconds, setting);
  const things: Thing[] = [];
  let track = 0;
  const tracks = { next: () => ++track };
  for (const side of street.sides) {
    lineSide(new Random(seed, 11, side.sign), street, side, things, setting);
    addPoles(new Random(seed, 12, side.sign), street, side, things, tracks, setting);
  }
  closeStreet(new Random(seed, 13), street, things, tracks, setting);
  const parking = makeParking(new Random(seed, 19), street);
  addPeople(new Random(seed, 14), street, things, tracks, rng.pick([0.2, 0.4, 0.7, 1.1, 1.8]), parking);
  thinOut(new Random(seed, 18), things, 55 + speed * seconds);
  addVehicles(new Random(seed, 15), street, things, rng.range(0.5, 1.5), parking);
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
    pose: makeDrive(new Random(seed, 17), lane, speed, setting),
  };
}

function makeDrive(
  rng: Random,
  lane: number,
  speed: number,
  { looksAside }: Setting,
): (time: number) => CameraPose {
  const height = rng.range(1.15, 1.6);
  const yaw = rng.chance(looksAside) ? rng.range(-0.4, 0.4) : rng.normal() * 0.07;
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

/**
 * A drive in which a person steps out from behind a thick pole `afterSeconds` from the start (appearance.ts).
 * @param seconds how long the camera drives
 */
export function makeAppearance(
  seed: number,
  seconds: number,
  afterSeconds: number,
  setting: Setting = OPEN_STREET,
): World {
  const world = makeWorld(seed, seconds, setting);
  const tracks = world.things.map(({ track = 0 }) => track);
  const own = stepOut(new Random(seed, 30), world, Math.max(0, ...tracks), afterSeconds);
  return { ...world, things: [...world.things, ...own] };
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
