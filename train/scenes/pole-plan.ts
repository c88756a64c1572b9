/** Kinds of poles and their random measures, metres. */
import { type Colour, scale, srgb, vary, WALLS } from './colour.ts';
import { KERB } from './ground.ts';
import type { Random } from './random.ts';
import { OPEN_STREET, type Setting } from './setting.ts';
import type { Plate } from './sign.ts';

export type PoleKind = 'lamp' | 'sign' | 'signal' | 'bollard' | 'wood' | 'mast' | 'beacon';

export interface PolePlan {
  readonly kind: PoleKind;
  readonly x: number;
  readonly z: number;
  readonly base: number;
  readonly height: number;
  readonly radius: number;
  readonly topRadius: number;
  readonly colour: Colour;
  /** Height of the thicker foot, 0 without. */
  readonly foot: number;
  /** Arms: lengths along `armDirection`. */
  readonly arms: readonly number[];
  readonly arm: readonly [number, number];
  readonly armRise: number;
  readonly lantern: 'flat' | 'bulb' | 'heritage' | 'none';
  readonly leanX: number;
  readonly leanZ: number;
  readonly bands: readonly Colour[];
  readonly plates: readonly Plate[];
}

const METAL: readonly Colour[] = [
  srgb(120, 122, 124),
  srgb(150, 152, 154),
  srgb(96, 100, 102),
  srgb(30, 32, 34),
  srgb(22, 34, 28),
  srgb(60, 62, 64),
  srgb(170, 168, 160),
  srgb(70, 84, 80),
];

export function planPole(
  rng: Random,
  kind: PoleKind,
  x: number,
  z: number,
  towardsRoad: number,
  setting: Setting = OPEN_STREET,
): PolePlan {
  const hidden = setting.camouflage > 0 && rng.chance(setting.camouflage);
  const metal = vary(rng, rng.pick(METAL), 0.15);
  const colour = hidden ? scale(vary(rng, rng.pick(WALLS), 0.2), rng.range(0.2, 1)) : metal;
  const angle = rng.chance(0.85) ? 0 : rng.range(-1.2, 1.2);
  const plan = {
    kind,
    x,
    z,
    base: KERB,
    colour,
    foot: 0,
    arms: [] as number[],
    arm: [Math.cos(angle) * towardsRoad, Math.sin(angle)] as [number, number],
    armRise: 0,
    lantern: 'none' as PolePlan['lantern'],
    leanX: rng.normal() * 0.006,
    leanZ: rng.normal() * 0.006,
    bands: [] as Colour[],
    plates: [] as Plate[],
    height: 3,
    radius: 0.05,
    topRadius: 0.05,
  };
  switch (kind) {
    case 'lamp': {
      const heritage = rng.chance(0.15);
      plan.height = heritage ? rng.range(3.5, 5.5) : rng.range(5, 10.5);
      plan.radius = rng.range(0.06, 0.1) + plan.height * 0.003;
      plan.topRadius = plan.radius * rng.range(0.45, 0.9);
      plan.foot = rng.chance(0.7) ? rng.range(0.9, 1.6) : 0;
      if (heritage) plan.lantern = 'heritage';
      else if (rng.chance(0.75)) {
        plan.arms = rng.chance(0.12) ? [rng.range(1, 2), -rng.range(1, 2)] : [rng.range(0.5, 2.4)];
        plan.armRise = rng.range(0, 0.7);
        plan.lantern = rng.pick(['flat', 'flat', 'bulb'] as const);
      } else plan.lantern = rng.pick(['bulb', 'flat'] as const);
      if (rng.chance(0.25)) plan.plates.push(makePlate(rng, rng.range(2, 3)));
      else if (rng.chance(0.1))
        plan.plates.push({
          shape: 'banner',
          height: plan.height * rng.range(0.5, 0.75),
          size: rng.range(0.5, 0.8),
          hue: rng.integer(0, 4),
          turn: 1,
        });
      break;
    }
    case 'sign': {
      plan.height = rng.range(2.1, 3.6);
      plan.radius = rng.range(0.035, 0.06);
      plan.topRadius = plan.radius;
      const count = rng.pick([1, 1, 1, 2]);
      for (let k = 0; k < count; k++) plan.plates.push(makePlate(rng, plan.height - 0.35 - k * 0.75));
      break;
    }
    case 'signal':
      plan.height = rng.range(2.9, 4);
      plan.radius = rng.range(0.05, 0.075);
      plan.topRadius = plan.radius;
      if (rng.chance(0.5)) plan.colour = vary(rng, srgb(70, 72, 74), 0.2);
      plan.plates.push({
        shape: 'signal',
        height: plan.height - 0.5,
        size: rng.range(0.9, 1.15),
        hue: rng.integer(0, 2),
        turn: rng.chance(0.7) ? 1 : -1,
      });
      if (rng.chance(0.4)) plan.plates.push({ shape: 'box', height: 1.1, size: 0.3, hue: 3, turn: 1 });
      break;
    case 'bollard':
      plan.height = rng.range(0.8, 1.25);
      plan.radius = rng.range(0.05, 0.11);
      plan.topRadius = plan.radius * rng.range(0.8, 1);
      plan.colour = vary(
        rng,
        rng.pick([srgb(24, 24, 26), srgb(24, 24, 26), srgb(110, 112, 112), srgb(90, 60, 40)]),
        0.2,
      );
      if (rng.chance(0.5))
        plan.bands = [
          rng.pick([
            [0.75, 0.75, 0.72],
            [0.7, 0.5, 0.1],
            [0.6, 0.08, 0.06],
          ] as Colour[]),
        ];
      break;
    case 'wood':
      plan.height = rng.range(6.5, 9.5);
      plan.radius = rng.range(0.11, 0.15);
      plan.topRadius = plan.radius * 0.75;
      plan.colour = vary(rng, srgb(96, 78, 60), 0.25);
      plan.leanX = rng.normal() * 0.015;
      plan.plates.push({ shape: 'crossarm', height: plan.height - 0.5, size: 1.2, hue: 0, turn: 1 });
      break;
    case 'mast':
      plan.height = rng.range(4, 13);
      plan.radius = rng.range(0.045, 0.11);
      plan.topRadius = plan.radius * rng.range(0.5, 1);
      if (rng.chance(0.4))
        plan.plates.push({ shape: 'box', height: plan.height - 0.2, size: 0.4, hue: 3, turn: 1 });
      break;
    case 'beacon':
      plan.height = rng.range(3, 3.6);
      plan.radius = 0.06;
      plan.topRadius = 0.06;
      plan.colour = [0.02, 0.02, 0.02];
      plan.bands = Array.from({ length: 5 }, () => [0.75, 0.75, 0.72] as Colour);
      plan.plates.push({ shape: 'globe', height: plan.height + 0.16, size: 0.35, hue: 0, turn: 1 });
  }
  return plan;
}

function makePlate(rng: Random, height: number): Plate {
  const shape = rng.pick(['round', 'round', 'triangle', 'square', 'square', 'flag', 'arrow'] as const);
  return {
    shape,
    height,
    size: shape === 'flag' ? rng.range(0.4, 0.6) : rng.range(0.45, 0.8),
    hue: rng.integer(0, 4),
    turn: rng.chance(0.7) ? rng.range(0.7, 1) : -rng.range(0.2, 1),
  };
}
