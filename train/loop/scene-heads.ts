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
