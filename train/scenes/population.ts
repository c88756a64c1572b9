/** Who and what moves or stands on the street: people, cyclists, cars. */
import { KERB } from './ground.ts';
import { Person } from './person.ts';
import { planCyclist, planPerson } from './person-plan.ts';
import type { Random } from './random.ts';
import { inGap, type Side, type Street } from './street.ts';
import type { Thing } from './thing.ts';
import { Vehicle } from './vehicle.ts';
import { planVehicle } from './vehicle-plan.ts';

/** Share of the kerb of each side where cars are parked. */
export type Parking = ReadonlyMap<Side, number>;

export function makeParking(rng: Random, street: Street): Parking {
  return new Map(street.sides.map((side) => [side, rng.chance(0.55) ? rng.range(0.25, 0.95) : 0]));
}

/** Numbers for tracks. */
export interface Counter {
  next(): number;
}

/** @param crowd people per 10 m of one pavement. */
export function addPeople(
  rng: Random,
  street: Street,
  things: Thing[],
  tracks: Counter,
  crowd: number,
  parking: Parking,
): void {
  for (const side of street.sides) {
    const share = crowd * rng.range(0.4, 1.6);
    const [inner, outer] = [side.kerb + 0.3, Math.max(side.kerb + 0.8, side.edge - 0.4)];
    for (let z = street.start; z < street.end; z += rng.range(0.2, 2) * (10 / Math.max(0.05, share))) {
      const walking = rng.chance(0.78);
      const away = rng.chance(0.5);
      const group = rng.pick([1, 1, 1, 1, 2, 2, 3]);
      const speed = walking ? rng.range(0.8, 1.7) : 0;
      const lane = side.sign * rng.range(inner, outer);
      const heading = walking ? (away ? 0 : Math.PI) + rng.normal() * 0.06 : rng.range(-3.14, 3.14);
      for (let k = 0; k < group; k++) {
        const x = lane + (k % 2) * rng.range(0.45, 0.75) * -side.sign + rng.normal() * 0.1;
        const dz = k * rng.range(0.1, 0.8);
        const turn = walking ? heading : rng.range(-3.14, 3.14);
        things.push(
          new Person(tracks.next(), planPerson(rng, x, z + dz, KERB, turn, speed * rng.range(0.97, 1.03))),
        );
      }
    }
    if (side.kind === 'park' || side.kind === 'open')
      for (let z = street.start; z < street.end; z += rng.range(6, 60)) {
        const x = side.sign * (side.edge + rng.range(1, 22));
        things.push(
          new Person(
            tracks.next(),
            planPerson(
              rng,
              x,
              z,
              side.kind === 'open' ? 0 : KERB,
              rng.range(-3.14, 3.14),
              rng.pick([0, 1.2, 1.4]),
            ),
          ),
        );
      }
  }
  // Crossing the road.
  for (let z = street.start; z < street.end; z += rng.range(12, 110)) {
    const [left, right] = street.sides;
    const from = rng.chance(0.5) ? 1 : -1;
    const x = rng.range(-left.kerb, right.kerb);
    things.push(
      new Person(
        tracks.next(),
        planPerson(rng, x, z, 0, (from * Math.PI) / 2 + rng.normal() * 0.2, rng.range(0.9, 1.6)),
      ),
    );
  }
  for (let z = street.start; z < street.end; z += rng.range(10, 70)) {
    const side = rng.pick(street.sides);
    const free = (parking.get(side) ?? 0) > 0 ? 2.5 : 0.75;
    const x = side.sign * Math.max(0.6, side.kerb - free + rng.normal() * 0.15);
    things.push(
      new Person(tracks.next(), planCyclist(rng, x, z, side.sign < 0 ? 0 : Math.PI, rng.range(3, 5.5))),
    );
  }
}

/** Cars at the kerbs, in car parks and coming. */
export function addVehicles(
  rng: Random,
  street: Street,
  things: Thing[],
  traffic: number,
  parking: Parking,
): void {
  for (const side of street.sides) {
    const parked = parking.get(side) ?? 0;
    const x = side.sign * (side.kerb - 1.05);
    for (let z = street.start; z < street.end; z += rng.range(5.3, 6.6))
      if (rng.chance(parked) && !inGap(street, side, z, 6) && !street.zebras.some((q) => Math.abs(q - z) < 6))
        things.push(new Vehicle(planVehicle(rng, x + rng.normal() * 0.08, z, side.sign < 0 ? 1 : -1, 0)));
    if (street.carPark && side.kind === 'open')
      for (let row = 0; row < 2; row++)
        for (let z = street.start; z < street.end; z += 2.9)
          if (rng.chance(0.45))
            things.push(
              new Vehicle({
                ...planVehicle(rng, side.sign * (side.edge + 3 + row * 11), z, 1, 0),
                kind: 'car',
              }),
            );
  }
  const [left, right] = street.sides;
  for (let z = street.start - 60; z < street.end + 250; z += rng.range(10, 55) / traffic)
    things.push(
      new Vehicle(
        planVehicle(rng, right.kerb * 0.5 - (left.kerb - right.kerb) * 0.12, z, -1, rng.range(6.5, 7.5)),
      ),
    );
}
