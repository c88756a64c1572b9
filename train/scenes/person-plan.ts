/** Looks of people, at random. */
import { BRIGHT_CLOTHES, CLOTHES, type Colour, HAIR, SKIN, srgb, vary } from './colour.ts';
import type { Random } from './random.ts';

export interface PersonPlan {
  readonly x: number;
  readonly z: number;
  readonly base: number;
  /** Heading: radians from +z towards +x. */
  readonly heading: number;
  /** m/s; 0 stands. */
  readonly speed: number;
  readonly phase: number;
  readonly height: number;
  /** Breadth, about 1. */
  readonly build: number;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly top: Colour;
  readonly legs: Colour;
  /** Shows where the jacket is open. */
  readonly shirt: Colour | undefined;
  readonly shoes: Colour;
  /** Hem above the ground as a share of the height; 0.52 is a waist-long jacket. */
  readonly hem: number;
  readonly skirt: boolean;
  readonly longHair: boolean;
  readonly hat: Colour | undefined;
  readonly backpack: Colour | undefined;
  readonly bag: Colour | undefined;
  /** Arms: swing, in pockets, to the ear. */
  readonly arms: 'swing' | 'pockets' | 'phone';
  readonly bicycle: Colour | undefined;
}

function cloth(rng: Random, bright: number): Colour {
  return vary(rng, rng.pick(rng.chance(bright) ? BRIGHT_CLOTHES : CLOTHES), 0.25);
}

export function planPerson(
  rng: Random,
  x: number,
  z: number,
  base: number,
  heading: number,
  speed: number,
): PersonPlan {
  const child = rng.chance(0.07);
  const skirt = rng.chance(0.12);
  return {
    x,
    z,
    base,
    heading,
    speed: child ? speed * 0.8 : speed,
    phase: rng.range(0, 6.28),
    height: child ? rng.range(1, 1.4) : 1.7 + rng.normal() * 0.08,
    build: Math.max(0.8, 1.04 + rng.normal() * 0.12),
    skin: rng.pick(SKIN.slice(0, rng.chance(0.7) ? 3 : 6)),
    hair: vary(rng, rng.pick(HAIR), 0.2),
    top: cloth(rng, 0.2),
    legs: cloth(rng, 0.07),
    shirt: rng.chance(0.35) ? cloth(rng, 0.7) : undefined,
    shoes: rng.chance(0.8) ? [0.015, 0.014, 0.013] : [0.5, 0.5, 0.48],
    hem: rng.chance(0.4) ? rng.range(0.26, 0.45) : rng.range(0.46, 0.52),
    skirt,
    longHair: rng.chance(0.4),
    hat: rng.chance(0.16) ? cloth(rng, 0.3) : undefined,
    backpack: rng.chance(0.2) ? cloth(rng, 0.4) : undefined,
    bag: rng.chance(0.25) ? (rng.chance(0.4) ? srgb(220, 220, 215) : cloth(rng, 0.4)) : undefined,
    arms: rng.pick(['swing', 'swing', 'swing', 'pockets', 'phone'] as const),
    bicycle: undefined,
  };
}

export function planCyclist(rng: Random, x: number, z: number, heading: number, speed: number): PersonPlan {
  const plan = planPerson(rng, x, z, 0, heading, speed);
  return {
    ...plan,
    height: Math.max(1.55, plan.height),
    hem: 0.5,
    skirt: false,
    bag: undefined,
    hat: rng.chance(0.6) ? vary(rng, rng.pick(BRIGHT_CLOTHES), 0.2) : undefined,
    bicycle: vary(rng, rng.pick([...CLOTHES, ...BRIGHT_CLOTHES]), 0.2),
  };
}
