/**
 * Sudden appearance: a thick pole at the pavement's edge, and a person who is hidden behind it until a given moment and
 * then steps out sideways. Nothing of the person is painted before that moment.
 */
import type { Camera, CameraPose } from './camera.ts';
import { KERB } from './ground.ts';
import { Person } from './person.ts';
import { planPerson } from './person-plan.ts';
import { Pole } from './pole.ts';
import { planPole } from './pole-plan.ts';
import type { Random } from './random.ts';
import type { Street } from './street.ts';
import type { Thing } from './thing.ts';

/** The part of a world that a scene is set in. */
export interface Stage {
  readonly street: Street;
  pose(time: number): CameraPose;
}

/** Metres: a person at rest is about 0.5 wide. */
const POLE_RADIUS = [0.3, 0.42] as const;
const BEHIND = 0.75;

/** A person who is there from `fromSeconds` on. */
class Stepper extends Person {
  readonly #fromSeconds: number;

  constructor(track: number, plan: Person['plan'], fromSeconds: number) {
    super(track, plan);
    this.#fromSeconds = fromSeconds;
  }

  override distance(camera: Camera, time: number): number {
    return time < this.#fromSeconds ? -1 : super.distance(camera, time);
  }
}

/** @param lastTrack tracks get the two numbers after it @param atSeconds when the person begins to show */
export function stepOut(rng: Random, stage: Stage, lastTrack: number, atSeconds: number): Thing[] {
  const pose = stage.pose(atSeconds);
  // Where the camera looks, so that it is in the picture; on the pavement or at the road's edge.
  const ahead = rng.range(9, 22);
  const side = stage.street.sides[rng.integer(0, 1)];
  const straight = pose.x + Math.tan(pose.yaw) * ahead;
  const kerb = side.sign * (side.kerb + rng.range(-0.3, 1.2));
  const reach = 0.36 * ahead;
  const x = Math.min(straight + reach, Math.max(straight - reach, kerb));
  const z = pose.z + ahead;
  const radius = rng.range(...POLE_RADIUS);
  const plan = planPole(rng, 'mast', x, z, -side.sign);
  const pole = new Pole(lastTrack + 1, {
    ...plan,
    ...{ radius, topRadius: radius * 0.95, height: rng.range(3.2, 6), leanX: 0, leanZ: 0 },
  });
  // Behind it as seen from the camera at that moment, then across the line of sight towards the road.
  const [dx, dz] = [x - pose.x, z - pose.z];
  const distance = Math.hypot(dx, dz);
  const behind = 1 + BEHIND / distance;
  const direction = rng.chance(0.8) ? -side.sign : side.sign;
  const heading = Math.atan2((direction * dz) / distance, (-direction * dx) / distance);
  const speed = rng.range(1.1, 1.9);
  const at = [pose.x + dx * behind, pose.z + dz * behind];
  const start = planPerson(rng, at[0], at[1], KERB, heading, speed);
  // position(time) is where it stands at time 0 plus its walk.
  const person = new Stepper(
    lastTrack + 2,
    {
      ...start,
      ...{ height: Math.max(1.5, start.height), build: Math.min(1.1, start.build), bag: undefined },
      x: at[0] - Math.sin(heading) * start.speed * atSeconds,
      z: at[1] - Math.cos(heading) * start.speed * atSeconds,
    },
    atSeconds,
  );
  return [pole, person];
}
