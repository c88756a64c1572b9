/**
 * Procedural street scenes with exact masks and boxes: the same seed gives the same pictures on every machine.
 * Used by `saccadenet scenes`, by the sample clip, and by training in memory.
 */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { paintMoment, type SceneFrame } from './render.ts';
import { CANYON, OPEN_STREET, type Setting } from './setting.ts';
import { makeAppearance, makeWorld } from './world.ts';

export type { SceneObject } from './objects.ts';
export { RULES } from './objects.ts';
export type { SceneFrame } from './render.ts';
export { SCENE_CLASS } from './scene-class.ts';

export interface SceneOptions {
  /** px; default 480. */
  width?: number;
  /** px; default 360. */
  height?: number;
  /** An old town's narrow street instead of any (setting.ts); default false. */
  canyon?: boolean;
}

export interface ClipOptions extends SceneOptions {
  /** Frames a second of the world's time; default 15. */
  rate?: number;
  /** A person steps out from behind a pole at this frame; without: the street as it is. */
  appearsAt?: number;
}

export const DEFAULT_WIDTH = 480;
export const DEFAULT_HEIGHT = 360;
export const DEFAULT_RATE = 15;

function checkedSize({ width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT }: SceneOptions): [number, number] {
  for (const [name, value] of [
    ['width', width],
    ['height', height],
  ] as const)
    if (!Number.isInteger(value) || value < 64 || value > 4096)
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `${name} of a scene is ${value}; give an integer from 64 to 4096`,
      );
  return [width, height];
}

function settingOf({ canyon }: SceneOptions): Setting {
  return canyon ? CANYON : OPEN_STREET;
}

/**
 * One picture of a street of its own.
 * @param seed any integer
 * @throws SaccadeNetError INVALID_OPTION for a size out of range
 */
export function renderScene(seed: number, options: SceneOptions = {}): SceneFrame {
  const [width, height] = checkedSize(options);
  return paintMoment(makeWorld(seed, 0, settingOf(options)), 0, width, height);
}

/**
 * A drive through one street: frame i shows it at i / rate seconds; tracks are the same through all frames.
 * @throws SaccadeNetError INVALID_OPTION for a size, rate or count out of range
 */
export function* renderClip(seed: number, frames: number, options: ClipOptions = {}): Generator<SceneFrame> {
  const [width, height] = checkedSize(options);
  const rate = options.rate ?? DEFAULT_RATE;
  if (!(rate > 0))
    throw new SaccadeNetError('INVALID_OPTION', `rate of a clip is ${rate}; give frames a second above 0`);
  if (!Number.isInteger(frames) || frames < 1)
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `a clip of ${frames} frames cannot be rendered; give an integer from 1`,
    );
  const { appearsAt } = options;
  const setting = settingOf(options);
  const world =
    appearsAt === undefined
      ? makeWorld(seed, frames / rate, setting)
      : makeAppearance(seed, frames / rate, appearsAt / rate, setting);
  for (let i = 0; i < frames; i++) yield paintMoment(world, i / rate, width, height);
}
