/** What blocks weigh in the gates' loss: by what they show, where --look-weight says so. */
import { describe, expect, it } from 'vitest';
import { readTrainOptions } from '../../cli/training/options.ts';
import { LOOK } from '../../train/data/targets.ts';
import type { Batch } from '../../train/loop/batch.ts';
import { blockOfCells, blockTruth } from '../../train/loop/truth.ts';
import { TINY_SPEC } from '../helpers/tiny-step.ts';

/** Four blocks in a row: a person; a pole; both; nothing. */
function fourBlocks(): Batch {
  const view = { width: 64, height: 16 };
  const cells = 64;
  const score = new Float32Array(2 * cells);
  const look = new Uint8Array(cells);
  const show = (block: number, label: number) => {
    score[2 * 4 * block + label] = 1;
    look[4 * block] = LOOK;
  };
  show(0, 0);
  show(1, 1);
  show(2, 0);
  show(2, 1);
  const targets = { score, look, weight: new Float32Array(2 * cells).fill(1) };
  return { size: 1, view, targets } as unknown as Batch;
}

describe('blockTruth', () => {
  const batch = fourBlocks();
  const importance = (weights?: Record<string, number>) => [
    ...blockTruth(TINY_SPEC, batch, blockOfCells(TINY_SPEC, batch), weights).importance,
  ];

  it('weighs all blocks alike where nothing else is said', () => {
    expect(importance()).toEqual([1, 1, 1, 1]);
  });

  it('weighs a block by the heaviest label that it shows, and an empty one as ever', () => {
    expect(importance({ pole: 2 })).toEqual([1, 2, 2, 1]);
    expect(importance({ pole: 0 })).toEqual([1, 0, 1, 1]);
  });
});

describe('--look-weight', () => {
  const options = (...weights: string[]) =>
    readTrainOptions([
      ...['--data', 'test', '-o', 'none.sacc'],
      ...weights.flatMap((weight) => ['--look-weight', weight]),
    ]);

  it('takes labels and their weights', () => {
    expect(options('pole:1.6', 'person:0.5').settings.lookWeights).toEqual({ pole: 1.6, person: 0.5 });
    expect(options().settings.lookWeights).toEqual({});
  });

  it.each(['tree:2', 'pole', 'pole:much', 'pole:-1'])('says what is wrong with %s', (text) => {
    expect(() => options(text)).toThrow(/look-weight/);
  });
});

describe('--teacher-everywhere', () => {
  const options = (...more: string[]) =>
    readTrainOptions(['--data', 'test', '-o', 'none.sacc', '--teacher-everywhere', ...more]);

  it('needs a teacher', () => {
    expect(() => options()).toThrow(/--teacher FILE/);
    expect(options('--teacher', 'big.sacc').settings.teacherEverywhere).toBe(true);
  });
});
