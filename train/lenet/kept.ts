/** What run.ts keeps in out/lenet for report.ts and for itself: points (weights, steps) and where a path stands. */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { CodeChoice } from '../compress/cycle.ts';
import { type Architecture, architecture, type NetName, parametersOf } from './architecture.ts';
import type { PathPoint, PathState } from './compress-path.ts';

export const FOLDER = 'out/lenet';

export type Pictures = 'moved' | 'still';
/** In the loop; compressed at once after training, without training thereafter or with it. */
export type Arm = 'loop' | 'after' | 'tuned';

/** The trained net before compression; the same trained on without any; the loop. */
export type Stage = 'dense' | 'longer' | 'loop';

export interface Key {
  readonly net: NetName;
  readonly seed: number;
  /** Whether training moves its pictures by a pixel or so. */
  readonly pictures: Pictures;
}

const POINT = /^(lenet-300-100|lenet-5)-(\d+)-(moved|still)-(after|loop|tuned)-(\d+)\.f32$/;
const STATE = /^(lenet-300-100|lenet-5)-(\d+)-(moved|still)-(dense|longer)\.state$/;

function prefix({ net, seed, pictures }: Key): string {
  return `${FOLDER}/${net}-${seed}-${pictures}`;
}

export function pointFile(key: Key, arm: Arm, bytes: number): string {
  return `${prefix(key)}-${arm}-${bytes}.f32`;
}

/** A stop in the middle of writing leaves no half file. */
function writeWhole(file: string, ...parts: ArrayBufferView[]): void {
  writeFileSync(
    `${file}.part`,
    Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))),
  );
  renameSync(`${file}.part`, file);
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** @param bytes that the file should take */
export function keepPoint(key: Key, arm: Arm, bytes: number, { vector, steps }: PathPoint): void {
  writeWhole(pointFile(key, arm, bytes), vector, Float32Array.from(steps));
}

/** @param done stops that are behind it */
export function writeState(key: Key, of: Stage, state: PathState, done: number): void {
  const file = `${prefix(key)}-${of}.state`;
  const { fine, curvature, choice } = state;
  const text = new TextEncoder().encode(JSON.stringify({ done, choice }));
  writeWhole(file, fine, curvature, text);
}

export function readState(
  key: Key,
  of: Stage,
  net: Architecture,
): { state: PathState; done: number } | undefined {
  const file = `${prefix(key)}-${of}.state`;
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const { size } = parametersOf(net);
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8 * size);
  const { done, choice } = JSON.parse(bytes.subarray(8 * size).toString()) as {
    done: number;
    choice?: CodeChoice;
  };
  const state: PathState = {
    net,
    fine: new Float32Array(copy, 0, size),
    curvature: new Float32Array(copy, 4 * size, size),
    choice,
  };
  return { state, done };
}

export interface KeptPoint extends Key {
  readonly arm: Arm;
  readonly target: number;
  readonly vector: Float32Array;
  readonly steps: readonly number[];
  /** Where its .sacc file belongs. */
  readonly fileName: string;
}

export interface FloatNet extends Key {
  readonly stage: 'dense' | 'longer';
  readonly vector: Float32Array;
}

/** Every point in the folder, and the nets that were not compressed. */
export function keptPoints(): { points: KeptPoint[]; floats: FloatNet[] } {
  const points: KeptPoint[] = [];
  const floats: FloatNet[] = [];
  for (const file of readdirSync(FOLDER).sort()) {
    const match = POINT.exec(file) ?? STATE.exec(file);
    if (!match) continue;
    const [, net, seed, pictures, arm, target] = match;
    const key = { net: net as NetName, seed: Number(seed), pictures: pictures as Pictures };
    const { size } = parametersOf(architecture(key.net));
    if (target === undefined) {
      const stage = arm as FloatNet['stage'];
      floats.push({ ...key, stage, vector: readState(key, stage, architecture(key.net))!.state.fine });
      continue;
    }
    const all = readFloats(`${FOLDER}/${file}`);
    points.push({
      ...key,
      arm: arm as Arm,
      target: Number(target),
      vector: all.slice(0, size),
      steps: [...all.slice(size)],
      fileName: `${FOLDER}/${file.replace('.f32', '.sacc')}`,
    });
  }
  return { points, floats };
}
