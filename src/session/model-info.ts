/** What an engine says of its model. */
import { type Model, weightShapes } from '../network/spec.ts';
import type { ModelInfo } from './engine-api.ts';

export function describeModel(model: Model, fileBytes: number): ModelInfo {
  const { network, scoreThresholds, card } = model;
  const parameters = weightShapes(network).reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  const { name, labels, block, detail } = network;
  const [first] = detail.stem;
  const haloPx = first.fiveByFive ? 2 : (first.kernel - 1) / 2;
  return { name, labels, blockPx: block, haloPx, parameters, fileBytes, scoreThresholds, card };
}
