/** What lines a street: buildings, walls, hedges, trees, clutter; and what closes it ahead. */

import { Barrier } from './barrier.ts';
import { Building, planBuilding } from './building.ts';
import { KERB } from './ground.ts';
import { Hedge } from './hedge.ts';
import { Pole } from './pole.ts';
import { planPole } from './pole-plan.ts';
import type { Counter } from './population.ts';
import { BOX_KINDS, Box } from './prop.ts';
import type { Random } from './random.ts';
import type { Setting } from './setting.ts';
import { inGap, type Side, type Street } from './street.ts';
import type { Thing } from './thing.ts';
import { Tree } from './tree.ts';

/** Buildings, hedges, walls, trees along one side. */
export function lineSide(rng: Random, street: Street, side: Side, things: Thing[], setting: Setting): void {
  const { sign, kind } = side;
  const style = rng.range(...setting.floors);
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
      if (gapStart - z > 5) addBuilding(rng, things, front, sign, z, gapStart - z, style, shops, setting);
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
          setting,
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
        setting,
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
  setting: Setting,
): void {
  const plane = { x, z, ax: 0, az: 1, nx: -sign, nz: 0, base: KERB };
  things.push(new Building(planBuilding(rng, plane, length, style, shops, setting)));
}

/** What faces the camera where the street ends or the road meets another. */
export function closeStreet(
  rng: Random,
  street: Street,
  things: Thing[],
  tracks: Counter,
  setting: Setting,
): void {
  if (!Number.isFinite(street.closed)) return;
  const z = street.closed;
  const style = rng.range(...setting.closingFloors);
  for (let x = -70; x < 70; ) {
    const length = rng.range(8, 26);
    if (rng.chance(0.75)) {
      const plane = { x, z: z + rng.range(0, 4), ax: 1, az: 0, nx: 0, nz: -1, base: KERB };
      things.push(new Building(planBuilding(rng, plane, length, style, 0.3, setting)));
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
        planPole(
          rng,
          rng.pick(['lamp', 'sign', 'mast', 'lamp'] as const),
          x,
          z - rng.range(2, 6),
          -1,
          setting,
        ),
      ),
    );
  }
}
