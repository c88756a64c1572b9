/**
 * `node tools/run-typescript.mjs bench/blocks/context-accuracy.ts --data FOLDER [--frames N] [--budget B]`: what a halo
 * that is computed instead of zero is worth to the network as it is. Leave-one-drive-out: each model of models/folds on
 * the drive that it has not seen, with zeros around attended blocks and with their neighbours as context (context.ts);
 * the same blocks are attended and only these speak. All drives pooled, intervals as `saccadenet evaluate` makes them.
 *
 * The weights were trained with zeros there: this shows what they lose or gain by the change alone, not what a network
 * trained with a whole halo would reach.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { openDataset } from '../../train/data/dataset.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import { poolScores } from '../../train/metrics/pool-scores.ts';
import { compareRecords, type Difference } from '../../train/metrics/score-intervals.ts';
import { recordModel } from '../../train/metrics/score-model.ts';
import { withContext } from './context.ts';

const DRIVES = ['0001TP', '0006R0', '0016E5'];

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { data: { type: 'string' }, frames: { type: 'string' }, budget: { type: 'string' } },
});
if (values.data === undefined || !existsSync(values.data)) {
  console.error(
    'usage: bench/blocks/context-accuracy.ts --data FOLDER [--frames N of each drive] [--budget 0..1]',
  );
  process.exit(2);
}
const maxImages = values.frames === undefined ? undefined : Number(values.frames);
const budget = values.budget === undefined ? undefined : Number(values.budget);

const zero: FrameRecord[] = [];
const context: FrameRecord[] = [];
for (const drive of DRIVES) {
  const model = await decodeModel(readFileSync(`models/folds/without-${drive}.sacc`));
  const dataset = openDataset(values.data, { sequences: [drive] });
  const own = await recordModel(model, dataset, { backend: wasmBackend(), maxImages, budget });
  const other = await recordModel(model, dataset, { backend: withContext(wasmBackend()), maxImages, budget });
  zero.push(...own);
  context.push(...other);
  row(drive, own, other);
}
row('all', zero, context);
const { personAP50, poleAP30 } = compareRecords(context, zero);
console.log(`context minus zeros: person AP50 ${difference(personAP50)}, pole AP30 ${difference(poleAP30)}`);

function row(name: string, own: readonly FrameRecord[], other: readonly FrameRecord[]): void {
  const [a, b] = [poolScores(own), poolScores(other)];
  console.log(
    `${name}: ${a.images} images, ${a.persons} people, ${a.poles} poles, ${(100 * a.attended).toFixed(1)}% attended; ` +
      `person ${digits(a.personAP50)} to ${digits(b.personAP50)}, pole ${digits(a.poleAP30)} to ${digits(b.poleAP30)}; ` +
      `GMAC ${a.gmacs.toFixed(3)} to ${b.gmacs.toFixed(3)}`,
  );
}

function digits(value: number | null): string {
  return value === null ? 'none' : value.toFixed(4);
}

function difference({ value, interval }: Difference): string {
  return `${digits(value)} (${interval === null ? 'none' : interval.map(digits).join(' to ')})`;
}
