/** One training step of a tiny network on two drawn views, on whatever backend runs: what backends are compared by. */
import * as tf from '@tensorflow/tfjs-core';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import type { TruePicture } from '../../train/data/instances.ts';
import { makeBatch } from '../../train/loop/batch.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { flatten, makeVariables, parametersOf } from '../../train/loop/parameters.ts';
import { TRAIN_SETTINGS } from '../../train/loop/settings.ts';
import { type StepResult, trainStep, trainStepLater } from '../../train/loop/step.ts';
import { seededRandom } from '../../train/random.ts';
import { TINY_WIDTHS } from './tiny-widths.ts';

export const TINY_SPEC = peopleVsPoles(TINY_WIDTHS);

/** Noise with a person and a pole in it. */
function noisyPicture(): TruePicture {
  const [width, height] = [128, 96];
  const random = seededRandom(2);
  const boxes = [
    { x: 30, y: 20, width: 18, height: 50 },
    { x: 90, y: 10, width: 6, height: 70 },
  ];
  const instances = new Uint8Array(width * height);
  boxes.forEach((box, i) => {
    for (let y = box.y; y < box.y + box.height; y++) {
      instances.fill(i + 1, y * width + box.x, y * width + box.x + box.width);
    }
  });
  return {
    width,
    height,
    rgb: Uint8Array.from({ length: width * height * 3 }, () => random() * 256),
    instances,
    objects: boxes.map((box, label) => ({ label, box })),
    classes: Uint8Array.from({ length: width * height }, () => random() * 11),
    labelled: [true, true],
  };
}

/**
 * @param later as backends want it that give their values later
 * @param teacherSeed of a teacher's random weights; the network's own are those of seed 1; left out: no teacher
 * @param teacherEverywhere the teacher attends to every block
 */
export async function tinyStep(
  later: boolean,
  spec: NetworkSpec = TINY_SPEC,
  teacherSeed?: number,
  teacherEverywhere = false,
): Promise<StepResult & { gradient: Float32Array }> {
  const parameters = parametersOf(spec);
  const variablesOf = (seed: number) =>
    makeVariables(parameters, flatten(parameters, initializeWeights(spec, seed)));
  const variables = variablesOf(1);
  const teacher = teacherSeed === undefined ? undefined : { spec, variables: variablesOf(teacherSeed) };
  const picture = noisyPicture();
  const batch = makeBatch(spec, () => picture, 2, { width: 64, height: 48 }, 3, 1);
  const options = { ...TRAIN_SETTINGS, teach: true, teacherEverywhere };
  const input = { spec, parameters, variables, teacher, batch, options, seed: 4 };
  const gradient = new Float32Array(parameters.size);
  const result = later ? await trainStepLater(input, gradient) : trainStep(input, gradient);
  tf.dispose([...variables.values(), ...(teacher?.variables.values() ?? [])]);
  return { ...result, gradient };
}

/** Greatest difference of two gradients as a share of the greatest value. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  let [error, scale] = [0, 0];
  expected.forEach((value, i) => {
    error = Math.max(error, Math.abs(actual[i] - value));
    scale = Math.max(scale, Math.abs(value));
  });
  return error / scale;
}
