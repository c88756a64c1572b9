/**
 * The auxiliary task: both networks tell CamVid's eleven scene classes from their last layers, by linear heads that
 * are dropped after training. A row is a block of the attention network or an attended cell of the detail network.
 */
import type { NetworkSpec, WeightShape } from '../../src/network/spec.ts';

/** Scene classes (CamVid's eleven). */
export const SCENE_CLASSES = 11;

export interface SceneHead {
  readonly name: 'scene.attention' | 'scene.detail';
  inputs(spec: NetworkSpec): number;
  shapes(spec: NetworkSpec): WeightShape[];
}

function sceneHead(name: SceneHead['name'], inputs: SceneHead['inputs']): SceneHead {
  return {
    name,
    inputs,
    shapes: (spec) => [
      { name: `${name}.w`, shape: [1, 1, inputs(spec), SCENE_CLASSES] },
      { name: `${name}.b`, shape: [SCENE_CLASSES] },
    ],
  };
}

export const SCENE_HEADS: readonly SceneHead[] = [
  sceneHead('scene.attention', (spec) => spec.attention.gate.inputs),
  sceneHead('scene.detail', (spec) => spec.detail.head.inputs),
];

export interface SceneTruth {
  /** [R, classes]: shares of the classes. */
  readonly targets: Float32Array;
  /** [R]: 0 where nothing is known. */
  readonly known: Float32Array;
}

/** Cross-entropy, one class against the rest, of a head's logits [R, classes]: mean over the known rows, and gradient. */
export function sceneLoss(
  logits: Float32Array,
  { targets, known }: SceneTruth,
): { total: number; gradient: Float32Array } {
  const gradient = new Float32Array(logits.length);
  let [sum, count] = [0, 0];
  for (const value of known) count += value;
  for (let row = 0; row < known.length; row++) {
    if (known[row] === 0) continue;
    for (let i = row * SCENE_CLASSES; i < (row + 1) * SCENE_CLASSES; i++) {
      const logit = logits[i];
      const small = Math.exp(-Math.abs(logit));
      sum += Math.max(logit, 0) + Math.log1p(small) - logit * targets[i];
      gradient[i] = ((logit < 0 ? small : 1) / (1 + small) - targets[i]) / count;
    }
  }
  return { total: sum / Math.max(1, count), gradient };
}
