/** Light of a scene: where it comes from, its colours, and the haze between things and the camera. */
import { type Colour, mix, scale, srgb } from './colour.ts';
import type { Random } from './random.ts';

export type Weather = 'sun' | 'overcast' | 'dusk' | 'fog';

export interface Light {
  readonly weather: Weather;
  /** Unit vector towards the sun. */
  readonly sun: readonly [number, number, number];
  readonly sunColour: Colour;
  readonly skyColour: Colour;
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly fog: Colour;
  /** Per metre. */
  readonly fogDensity: number;
  /** 0 clear .. 1 covered. */
  readonly clouds: number;
  readonly exposure: number;
  /** Lamps and shop windows glow. */
  readonly lampsOn: boolean;
}

export function makeLight(rng: Random): Light {
  const roll = rng.next();
  const weather: Weather = roll < 0.45 ? 'sun' : roll < 0.77 ? 'overcast' : roll < 0.95 ? 'dusk' : 'fog';
  const azimuth = rng.range(-Math.PI, Math.PI);
  const elevation = weather === 'sun' ? rng.range(0.2, 0.85) : rng.range(0.1, 0.6);
  const sun: [number, number, number] = [
    Math.sin(azimuth) * Math.cos(elevation),
    Math.sin(elevation),
    Math.cos(azimuth) * Math.cos(elevation),
  ];
  const exposure = rng.range(0.8, 1.25);
  if (weather === 'sun') {
    const warm = rng.range(0, 1);
    const blue = mix(srgb(110, 160, 220), srgb(190, 212, 236), rng.next());
    return {
      weather,
      sun,
      sunColour: mix([1.75, 1.68, 1.55], [1.75, 1.5, 1.15], warm),
      skyColour: mix([0.42, 0.5, 0.62], [0.5, 0.54, 0.6], rng.next()),
      zenith: scale(blue, rng.range(1.2, 2.8)),
      horizon: scale([0.92, 0.97, 1], rng.range(1.3, 3)),
      fog: [0.75, 0.82, 0.9],
      fogDensity: rng.range(0.0002, 0.0018),
      clouds: rng.range(0, 0.75),
      exposure,
      lampsOn: false,
    };
  }
  if (weather === 'dusk') {
    const level = rng.range(0.07, 0.3);
    const tint = mix([0.84, 1, 1.04], [1.06, 0.97, 0.9], rng.next() ** 1.5);
    const grey: Colour = [tint[0] * level, tint[1] * level, tint[2] * level];
    return {
      weather,
      sun,
      sunColour: scale(grey, 0.3),
      skyColour: grey,
      zenith: scale(tint, level * rng.range(1.6, 3)),
      horizon: scale(mix(tint, [1.15, 0.95, 0.8], rng.next() * 0.6), level * rng.range(2.2, 4.5)),
      fog: scale(tint, level * 1.6),
      fogDensity: rng.range(0.0002, 0.0016),
      clouds: rng.range(0.4, 1),
      exposure: rng.range(0.4, 1.25),
      lampsOn: rng.chance(0.75),
    };
  }
  const grey = rng.range(0.7, 1.15);
  const tint = mix([0.95, 0.99, 1.05], [1.03, 1, 0.95], rng.next());
  const foggy = weather === 'fog';
  return {
    weather,
    sun,
    sunColour: scale(tint, foggy ? 0.05 : rng.range(0.05, 0.4)),
    skyColour: scale(tint, grey),
    zenith: scale(tint, grey * rng.range(1.2, 2.6)),
    horizon: scale(tint, grey * rng.range(1.3, 3)),
    fog: scale(tint, grey * (foggy ? 0.8 : 0.75)),
    fogDensity: foggy ? rng.range(0.006, 0.022) : rng.range(0.0003, 0.0025),
    clouds: rng.range(0.6, 1),
    exposure,
    lampsOn: foggy && rng.chance(0.5),
  };
}
