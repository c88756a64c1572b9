/** Shapes of cars, vans and buses, and which one comes along. */
import { CAR_PAINT, type Colour, vary } from './colour.ts';
import type { Random } from './random.ts';

type Outline = readonly (readonly [number, number])[];

export interface Shape {
  /** Metres. */
  readonly length: number;
  readonly width: number;
  readonly height: number;
  /** From the rear bumper's foot over the roof to the front's: shares of length and height. */
  readonly outline: Outline;
  /** Which strips of the outline are glass. */
  readonly glass: readonly number[];
  /** Side windows: one polygon each. */
  readonly windows: readonly Outline[];
  readonly wheels: readonly [number, number];
  readonly wheelRadius: number;
  /** Width of the roof against the waist. */
  readonly tumble: number;
}

const CAR: Shape = {
  length: 4.2,
  width: 1.72,
  height: 1.45,
  outline: [
    [0, 0.15],
    [0, 0.5],
    [0.015, 0.63],
    [0.1, 0.95],
    [0.22, 1],
    [0.5, 1],
    [0.7, 0.66],
    [0.95, 0.56],
    [1, 0.45],
    [1, 0.15],
  ],
  glass: [2, 5],
  windows: [
    [
      [0.08, 0.68],
      [0.15, 0.92],
      [0.4, 0.94],
      [0.4, 0.67],
    ],
    [
      [0.43, 0.67],
      [0.43, 0.94],
      [0.5, 0.93],
      [0.65, 0.67],
    ],
  ],
  wheels: [0.2, 0.81],
  wheelRadius: 0.31,
  tumble: 0.78,
};
const SALOON: Shape = {
  ...CAR,
  length: 4.6,
  height: 1.42,
  outline: [
    [0, 0.16],
    [0, 0.5],
    [0.02, 0.66],
    [0.16, 0.7],
    [0.29, 0.98],
    [0.36, 1],
    [0.55, 1],
    [0.71, 0.67],
    [0.95, 0.57],
    [1, 0.45],
    [1, 0.16],
  ],
  glass: [3, 6],
  windows: [
    [
      [0.24, 0.7],
      [0.32, 0.93],
      [0.44, 0.94],
      [0.44, 0.69],
    ],
    [
      [0.46, 0.69],
      [0.46, 0.94],
      [0.54, 0.93],
      [0.67, 0.69],
    ],
  ],
};
const VAN: Shape = {
  length: 5,
  width: 1.9,
  height: 2.1,
  outline: [
    [0, 0.14],
    [0, 0.5],
    [0.01, 0.97],
    [0.04, 1],
    [0.66, 1],
    [0.82, 0.6],
    [0.97, 0.5],
    [1, 0.4],
    [1, 0.14],
  ],
  glass: [4],
  windows: [
    [
      [0.64, 0.6],
      [0.64, 0.9],
      [0.69, 0.9],
      [0.79, 0.6],
    ],
  ],
  wheels: [0.2, 0.82],
  wheelRadius: 0.33,
  tumble: 0.92,
};
const BUS: Shape = {
  length: 10.5,
  width: 2.45,
  height: 3.1,
  outline: [
    [0, 0.1],
    [0, 0.5],
    [0.01, 0.9],
    [0.02, 1],
    [0.98, 1],
    [1, 0.9],
    [1, 0.4],
    [1, 0.1],
  ],
  glass: [1, 5],
  windows: [0.05, 0.22, 0.39, 0.56, 0.73].map(
    (u): Outline => [
      [u, 0.5],
      [u, 0.82],
      [u + 0.15, 0.82],
      [u + 0.15, 0.5],
    ],
  ),
  wheels: [0.24, 0.82],
  wheelRadius: 0.48,
  tumble: 0.98,
};

export interface VehiclePlan {
  readonly x: number;
  readonly z: number;
  /** 1 drives away (+z), -1 comes. */
  readonly direction: 1 | -1;
  /** m/s. */
  readonly speed: number;
  readonly colour: Colour;
  readonly kind: 'car' | 'saloon' | 'van' | 'bus';
  readonly stretch: number;
  readonly braking: boolean;
}

export const SHAPES = { car: CAR, saloon: SALOON, van: VAN, bus: BUS };

export function planVehicle(
  rng: Random,
  x: number,
  z: number,
  direction: 1 | -1,
  speed: number,
): VehiclePlan {
  const roll = rng.next();
  return {
    x,
    z,
    direction,
    speed,
    colour: vary(rng, rng.pick(CAR_PAINT), 0.15),
    kind: roll < 0.5 ? 'car' : roll < 0.78 ? 'saloon' : roll < 0.95 ? 'van' : speed > 0 ? 'bus' : 'van',
    stretch: rng.range(0.88, 1.12),
    braking: rng.chance(0.4),
  };
}
