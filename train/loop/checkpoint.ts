/** A run's folder: what a training needs to go on where it stopped, written whole or not at all. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { CompressionChoice } from './compressor.ts';
import type { OptimizerState } from './optimizer.ts';
import type { Parameters } from './parameters.ts';

const STATE_FILE = 'state.json';
const ARRAYS_FILE = 'arrays.f32';
/** Vectors of arrays.f32, one after the other. */
const GROUPS = ['weights', 'average', 'first', 'second'] as const;

export interface RunState {
  /** Training steps and milliseconds of work behind it, stops left out. */
  step: number;
  elapsedMs: number;
  /** What the last cycle of compression chose, if there was one. */
  choice?: CompressionChoice;
  /** What the run was begun with, for the record; a resumed run may change its length and data. */
  readonly settings: Record<string, unknown>;
}

interface StateFile extends RunState {
  optimizerStep: number;
  arrays: { name: string; length: number }[];
}

function arraysOf({ list }: Parameters): StateFile['arrays'] {
  return list.map(({ name, size }) => ({ name, length: size }));
}

/** Writes the checkpoint beside the old one, then puts it in its place. */
export function writeCheckpoint(
  directory: string,
  run: RunState,
  parameters: Parameters,
  optimizer: OptimizerState,
): void {
  mkdirSync(directory, { recursive: true });
  const all = new Float32Array(parameters.size * GROUPS.length);
  for (const [i, group] of GROUPS.entries()) all.set(optimizer[group], i * parameters.size);
  const state: StateFile = { ...run, optimizerStep: optimizer.step, arrays: arraysOf(parameters) };
  const put = (file: string, data: string | Uint8Array) => {
    writeFileSync(join(directory, `${file}.new`), data);
    renameSync(join(directory, `${file}.new`), join(directory, file));
  };
  put(ARRAYS_FILE, new Uint8Array(all.buffer));
  put(STATE_FILE, JSON.stringify(state, null, 1));
}

/**
 * Reads a checkpoint back; null where there is none.
 * @throws SaccadeNetError INVALID_OPTION where it is not whole, or of another network
 */
export function readCheckpoint(
  directory: string,
  parameters: Parameters,
): { run: RunState; optimizer: OptimizerState } | null {
  if (!existsSync(join(directory, STATE_FILE))) return null;
  const state = JSON.parse(readFileSync(join(directory, STATE_FILE), 'utf8')) as StateFile;
  if (JSON.stringify(state.arrays) !== JSON.stringify(arraysOf(parameters))) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `the checkpoint in ${directory} is of another network; delete the folder and train anew`,
    );
  }
  const bytes = readFileSync(join(directory, ARRAYS_FILE));
  if (bytes.byteLength !== parameters.size * GROUPS.length * 4) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `the checkpoint in ${directory} is not whole; delete the folder and train anew`,
    );
  }
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const [weights, average, first, second] = GROUPS.map((_, i) =>
    all.slice(i * parameters.size, (i + 1) * parameters.size),
  );
  return {
    run: { step: state.step, elapsedMs: state.elapsedMs, choice: state.choice, settings: state.settings },
    optimizer: { step: state.optimizerStep, weights, average, first, second },
  };
}
