/**
 * How much errors in each tensor of a network of ours move what it says: noise on one tensor after the other, on
 * procedural streets, so that `compress` for a size needs no pictures. Outputs count by their own variance.
 */
import type { Executor, PixelFrame } from '../src/backends/backend.ts';
import { wasmBackend } from '../src/backends/wasm/index.ts';
import { type Calibration, outputSensitivity } from '../src/codec/encoder/calibration.ts';
import { geneLayers } from '../src/network/genes.ts';
import { GATE_FIVE, GATE_THREE, type Model, weightShapes } from '../src/network/spec.ts';
import { normal, seededRandom } from '../train/random.ts';
import { renderScene } from '../train/scenes/index.ts';
import { createProgress } from './progress.ts';

const STREETS = 6;
const SIZE = { width: 320, height: 240 };
const SEED = 71;
/** Deviation of the noise against the tensor's own: far below what a small file does, so that its effect is linear. */
const NOISE = 0.05;

/** Every output of one frame: gate logits, then the head's channels, all blocks attended with 3x3 and with 5x5 kernels. */
async function outputsOf(
  executor: Executor,
  data: PixelFrame['data'],
  channels: number,
): Promise<Float32Array[]> {
  await executor.upload({ ...SIZE, data });
  const { look, five, columns, rows } = await executor.glance();
  const outputs = [look.slice(), five.slice()];
  for (const gate of [GATE_THREE, GATE_FIVE]) {
    const { cells } = await executor.inspect(new Uint8Array(columns * rows).fill(gate));
    for (let channel = 0; channel < channels; channel++) {
      outputs.push(
        Float32Array.from({ length: cells.length / channels }, (_, i) => cells[i * channels + channel]),
      );
    }
  }
  return outputs;
}

async function run(model: Model, frames: readonly PixelFrame['data'][]): Promise<Float32Array[][]> {
  const executor = await wasmBackend().load(model);
  const { outputs } = model.network.detail.head;
  const found: Float32Array[][] = [];
  for (const frame of frames) found.push(await outputsOf(executor, frame, outputs));
  executor.dispose();
  return found;
}

function mean(values: ArrayLike<number>, of: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += of(values[i], i);
  return sum / values.length;
}

/** Mean over outputs of their squared differences, each against its own variance. */
function difference(before: readonly Float32Array[][], after: readonly Float32Array[][]): number {
  const shares = before[0].map((_, output) => {
    let [error, variance] = [0, 0];
    for (const [frame, outputs] of before.entries()) {
      const middle = mean(outputs[output], (value) => value);
      variance += mean(outputs[output], (value) => (value - middle) ** 2);
      error += mean(outputs[output], (value, i) => (value - after[frame][output][i]) ** 2);
    }
    return variance > 0 ? error / variance : 0;
  });
  return mean(shares, (share) => share);
}

/**
 * @param onProgress share that is done, 0 .. 1
 * @returns a calibration of every tensor of two or more dimensions that has an effect
 */
export async function measureSensitivities(
  model: Model,
  onProgress: (share: number) => void,
): Promise<Record<string, Calibration>> {
  const frames = Array.from({ length: STREETS }, (_, i) => renderScene(SEED + i, SIZE).frame.data);
  const wanted = await run(model, frames);
  const tensors = weightShapes(model.network).filter(({ shape }) => shape.length >= 2);
  // Such that errors count about what they do without a calibration: prices of bits are sought from there.
  const weights = tensors.reduce((sum, { name }) => sum + model.weights.get(name)!.length, 0);
  const found: Record<string, Calibration> = {};
  for (const [i, { name }] of tensors.entries()) {
    const data = model.weights.get(name)!;
    const random = seededRandom(SEED + i);
    const deviation = NOISE * Math.sqrt(mean(data, (value) => value * value));
    const noisy = data.map((value) => value + deviation * normal(random));
    const squares = data.length * mean(noisy, (value, at) => (value - data[at]) ** 2);
    const moved = difference(
      wanted,
      await run({ ...model, weights: new Map(model.weights).set(name, noisy) }, frames),
    );
    if (moved > 0 && squares > 0) found[name] = outputSensitivity(data, (weights * moved) / squares);
    onProgress((i + 1) / tensors.length);
  }
  return found;
}

/**
 * What is told to an encoder that is to reach a size, where the caller knows nothing better. Without it bits go by each
 * tensor's own error: at 4 bits a weight attention then missed a quarter of the poles' pixels that it had found
 * (docs/experiments/seeing.md).
 * @param quiet no progress
 * @returns undefined for networks with genes, whose indices noise cannot be put on
 */
export async function calibrationForSize(
  model: Model,
  quiet = false,
): Promise<Record<string, Calibration> | undefined> {
  if (geneLayers(model.network).length > 0) return undefined;
  const progress = createProgress('measuring', 100, { quiet });
  const found = await measureSensitivities(model, (share) => progress.update(Math.floor(100 * share)));
  progress.end();
  return found;
}
