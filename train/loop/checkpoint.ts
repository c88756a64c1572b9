/** A run's folder: what a training needs to go on where it stopped, written whole or not at all. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Arrays, OptimizerState } from './optimizer.ts';

const STATE_FILE = 'state.json';
const ARRAYS_FILE = 'arrays.f32';
const GROUPS = ['weights', 'average', 'first', 'second'] as const;

export interface RunState {
  /** Training steps and milliseconds of work behind it, stops left out. */
  step: number;
  elapsedMs: number;
  /** What the run was begun with, for the record; a resumed run may change its length and data. */
  readonly settings: Record<string, unknown>;
}

interface StateFile extends RunState {
  optimizerStep: number;
  arrays: { name: string; length: number }[];
}

/** Writes the checkpoint beside the old one, then puts it in its place. */
export function writeCheckpoint(directory: string, run: RunState, optimizer: OptimizerState): void {
  mkdirSync(directory, { recursive: true });
  const names = [...optimizer.weights].map(([name, data]) => ({ name, length: data.length }));
  const floats = names.reduce((sum, { length }) => sum + length, 0);
  const all = new Float32Array(floats * GROUPS.length);
  let at = 0;
  for (const group of GROUPS) {
    for (const { name, length } of names) {
      all.set(optimizer[group].get(name)!, at);
      at += length;
    }
  }
  const state: StateFile = { ...run, optimizerStep: optimizer.step, arrays: names };
  const put = (file: string, data: string | Uint8Array) => {
    writeFileSync(join(directory, `${file}.new`), data);
    renameSync(join(directory, `${file}.new`), join(directory, file));
  };
  put(ARRAYS_FILE, new Uint8Array(all.buffer));
  put(STATE_FILE, JSON.stringify(state, null, 1));
}

/** Reads a checkpoint back; null where there is none. @throws SaccadeNetError INVALID_OPTION where it is not whole. */
export function readCheckpoint(directory: string): { run: RunState; optimizer: OptimizerState } | null {
  if (!existsSync(join(directory, STATE_FILE))) return null;
  const state = JSON.parse(readFileSync(join(directory, STATE_FILE), 'utf8')) as StateFile;
  const bytes = readFileSync(join(directory, ARRAYS_FILE));
  const floats = state.arrays.reduce((sum, { length }) => sum + length, 0) * GROUPS.length;
  if (bytes.byteLength !== floats * 4) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `the checkpoint in ${directory} is not whole; delete the folder and train anew`,
    );
  }
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  const groups = GROUPS.map((): Arrays => {
    const arrays: Arrays = new Map();
    for (const { name, length } of state.arrays) {
      arrays.set(name, all.slice(at, at + length));
      at += length;
    }
    return arrays;
  });
  const [weights, average, first, second] = groups;
  return {
    run: { step: state.step, elapsedMs: state.elapsedMs, settings: state.settings },
    optimizer: { step: state.optimizerStep, weights, average, first, second },
  };
}
