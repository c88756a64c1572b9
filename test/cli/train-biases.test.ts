/** `train --biases-only`: the file that goes in comes out, but for its biases, thresholds and card. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { Model } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { runCommand } from '../helpers/run-command.ts';
import { TINY_WIDTHS } from '../helpers/tiny-widths.ts';
import { makeSampleFiles, type SampleFiles } from './sample-files.ts';

let files: SampleFiles;
beforeAll(() => {
  files = makeSampleFiles();
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

/** Of the size of a few kB, coded coarsely: coding it anew would give other weights. */
function smallFile(): string {
  const file = join(files.directory, 'small.sacc');
  writeFileSync(file, encodeModel(randomModel(peopleVsPoles(TINY_WIDTHS), 3), { sqnrDb: 10 }));
  return file;
}

const parts = ({ weights }: Model, biases: boolean) =>
  [...weights].filter(([name]) => name.endsWith('.b') === biases);

it('keeps all that is coded to the bit, and the size; biases, thresholds and card are the new ones', async () => {
  const [before, out] = [smallFile(), join(files.directory, 'out.sacc')];
  const { code, stderr } = await runCommand(
    ...['train', '--data', files.data, '--init', before, '--biases-only', '--teacher', before],
    ...['--steps', '2', '--rate', '0.01', '--workers', '0', '--batch', '2', '-o', out],
  );
  expect([code, stderr.replace(/[^\n]*(training|calibrating)[^\n]*\n?/g, '')]).toEqual([0, '']);
  const [held, made] = await Promise.all([before, out].map((file) => decodeModel(readFileSync(file))));
  expect(made.network).toEqual(held.network);
  expect(parts(made, false)).toEqual(parts(held, false));
  expect(parts(made, true)).not.toEqual(parts(held, true));
  expect(made.card).toMatchObject({ settings: { biasesOnly: true, steps: 2 } });
  const [a, b] = [before, out].map((file) => readFileSync(file).length);
  expect(Math.abs(a - b)).toBeLessThan(1500); // the card
});
