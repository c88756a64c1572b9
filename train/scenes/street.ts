/** The cross-section and the plan of a street: where its parts lie. World axes as in camera.ts, metres. */
import type { Random } from './random.ts';
import type { Setting, SideKind } from './setting.ts';

export interface Side {
  readonly kind: SideKind;
  /** -1 left, 1 right. */
  readonly sign: -1 | 1;
  /** |x| of the kerb from the street's middle, and of the pavement's outer edge. */
  readonly kerb: number;
  readonly edge: number;
  /** Strip of grass between kerb and pavement. */
  readonly verge: number;
  /** Side roads: z ranges without pavement and buildings. */
  readonly gaps: readonly (readonly [number, number])[];
}

export interface Street {
  readonly sides: readonly [Side, Side];
  readonly start: number;
  readonly end: number;
  /** z of a cross road's near side and its width; nothing where 0 wide. */
  readonly crossing: { readonly z: number; readonly width: number };
  /** z where buildings close the street, or Infinity. */
  readonly closed: number;
  readonly zebras: readonly number[];
  readonly paved: 'asphalt' | 'slabs';
  readonly kerbLines: 'none' | 'single' | 'double' | 'white';
  readonly centre: 'dashes' | 'solid' | 'none' | 'hatched';
  readonly carPark: boolean;
}

function makeSide(
  rng: Random,
  sign: -1 | 1,
  kind: SideKind,
  [start, end]: readonly [number, number],
  setting: Setting,
): Side {
  const kerb = kind === 'open' ? rng.range(4, 9) : rng.range(...setting.kerb);
  const verge = kind === 'terrace' || kind === 'wall' ? 0 : rng.chance(0.4) ? rng.range(0.8, 2.5) : 0;
  const gaps: [number, number][] = [];
  for (let z = start + rng.range(0, 70); z < end; z += rng.range(35, 110)) {
    const width = rng.range(6, 11);
    if (z > 3) gaps.push([z, z + width]);
  }
  return { kind, sign, kerb, verge, edge: kerb + verge + rng.range(...setting.pavement), gaps };
}

export function makeStreet(rng: Random, start: number, end: number, setting: Setting): Street {
  let [left, right] = rng.pick(setting.pairs);
  if (rng.chance(0.5)) [left, right] = [right, left];
  const busy = left === 'open' || right === 'open';
  const junction = rng.chance(busy ? 0.5 : 0.3);
  const z = rng.range(14, 45);
  const zebras: number[] = [];
  if (rng.chance(0.25)) zebras.push(rng.range(6, 40));
  const closed = rng.chance(setting.closes[busy ? 0 : 1])
    ? rng.range(...setting.closesAt)
    : Number.POSITIVE_INFINITY;
  return {
    sides: [makeSide(rng, -1, left, [start, end], setting), makeSide(rng, 1, right, [start, end], setting)],
    start,
    end,
    crossing: junction ? { z, width: rng.range(8, 16) } : { z: 0, width: 0 },
    closed,
    zebras,
    paved: rng.chance(0.5) ? 'slabs' : 'asphalt',
    kerbLines: rng.pick(['none', 'single', 'double', 'double', 'white'] as const),
    centre: rng.pick(['dashes', 'dashes', 'dashes', 'solid', 'none', 'hatched'] as const),
    carPark: busy && rng.chance(0.4),
  };
}

/** True where z lies in a side road (or the cross road), with `margin` metres kept clear of it. */
export function inGap(street: Street, side: Side, z: number, margin = 0): boolean {
  const { crossing } = street;
  if (crossing.width > 0 && z > crossing.z - margin && z < crossing.z + crossing.width + margin) return true;
  return side.gaps.some(([a, b]) => z > a - margin && z < b + margin);
}
