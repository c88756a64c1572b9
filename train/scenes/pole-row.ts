/** Where poles stand. */
import { KERB } from './ground.ts';
import { Pole } from './pole.ts';
import { type PoleKind, planPole } from './pole-plan.ts';
import type { Counter } from './population.ts';
import type { Random } from './random.ts';
import type { Setting } from './setting.ts';
import { inGap, type Side, type Street } from './street.ts';
import type { Thing } from './thing.ts';
import { Wire } from './wire.ts';

/** Lamps in a row, signs, signals, bollards, beacons, masts along one side. */
export function addPoles(
  rng: Random,
  street: Street,
  side: Side,
  things: Thing[],
  tracks: Counter,
  setting: Setting,
): void {
  const { sign } = side;
  const nearKerb = sign * (side.kerb + 0.45);
  const atEdge = sign * (side.edge - 0.25);
  const add = (kind: PoleKind, x: number, z: number) =>
    things.push(new Pole(tracks.next(), planPole(rng, kind, x, z, -sign, setting)));
  const lamp = planPole(rng, rng.chance(0.12) ? 'wood' : 'lamp', 0, 0, -sign, setting);
  const lampX = rng.chance(0.6) ? nearKerb : atEdge;
  const pitch = rng.range(...setting.lampPitch);
  let wired: number | undefined;
  for (let z = street.start + rng.range(0, pitch); z < street.end; z += pitch * rng.range(0.85, 1.15)) {
    if (inGap(street, side, z, 0.5)) continue;
    if (lamp.kind === 'wood' && wired !== undefined)
      things.push(new Wire(lampX, wired, z, KERB + lamp.height - 0.3));
    wired = z;
    things.push(
      new Pole(tracks.next(), {
        ...lamp,
        x: lampX,
        z,
        leanX: rng.normal() * 0.008,
        plates: rng.chance(0.85) ? lamp.plates : [],
      }),
    );
  }
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
    const bollard = planPole(rng, 'bollard', 0, 0, 1, setting);
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
