/** What every executor checks of its arguments before it touches memory. Pure. */
import { SaccadeNetError } from '../errors/errors.ts';
import type { Grid } from '../network/geometry.ts';
import { GATE_FIVE, type Model, weightShapes } from '../network/spec.ts';
import type { PixelFrame } from './backend.ts';

/** @throws SaccadeNetError INVALID_OPTION where the size is not a positive whole number of pixels or data is short. */
export function checkFrame(frame: PixelFrame): void {
  const { width, height, data } = frame;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `The frame is ${width}x${height} pixels; give one of at least 1x1 whole pixels.`,
      { details: { width, height } },
    );
  }
  const expected = width * height * 4;
  if (data.length !== expected) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `The frame holds ${data.length} bytes, but ${width}x${height} RGBA pixels are ${expected}; give unpadded RGBA rows.`,
      { details: { width, height, length: data.length, expected } },
    );
  }
}

/** @throws SaccadeNetError INVALID_OPTION where the gates are not one value of 0, 1 or 2 a block. */
export function checkGates(grid: Grid, gates: Uint8Array): void {
  const blocks = grid.columns * grid.rows;
  if (gates.length !== blocks) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `There are ${gates.length} gates, but the frame has ${grid.rows} rows x ${grid.columns} columns = ${blocks} blocks; give one gate a block.`,
      { details: { gates: gates.length, blocks } },
    );
  }
  let wrong = 0;
  while (wrong < blocks && gates[wrong] <= GATE_FIVE) wrong++;
  if (wrong < blocks) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `Gate ${wrong} is ${gates[wrong]}; a gate is 0 (skip), 1 (3x3) or 2 (5x5).`,
      { details: { index: wrong, gate: gates[wrong] } },
    );
  }
}

/** @throws SaccadeNetError MODEL_FORMAT where a weight tensor of the spec is missing or of another size. */
export function checkWeights(model: Model): void {
  for (const { name, shape } of weightShapes(model.network)) {
    const expected = shape.reduce((product, side) => product * side, 1);
    const found = model.weights.get(name)?.length;
    if (found !== expected) {
      throw new SaccadeNetError(
        'MODEL_FORMAT',
        `Weights '${name}' ${found === undefined ? 'are missing' : `hold ${found} values`}, but the network needs ${expected} [${shape.join(', ')}]; use a model made for this network.`,
        { details: { name, expected, found } },
      );
    }
  }
}

/** The error of every call after `dispose`. */
export function disposedError(): SaccadeNetError {
  return new SaccadeNetError('DISPOSED', 'The executor has been disposed of; load the model again.');
}

/** The error of a call that came before what it reads: `missing` is the call to make first. */
export function orderError(call: string, missing: string): SaccadeNetError {
  return new SaccadeNetError(
    'INVALID_OPTION',
    `'${call}' was called without '${missing}' at this working size; call '${missing}' first.`,
    { details: { call, missing } },
  );
}

/** The error of `read` with a name that no map has. */
export function unknownMapError(name: string, known: Iterable<string>): SaccadeNetError {
  return new SaccadeNetError(
    'INVALID_OPTION',
    `There is no map '${name}' yet; known are ${[...known].join(', ') || 'none'}. Upload, glance and inspect first.`,
    { details: { name } },
  );
}
