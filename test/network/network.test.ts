/** Sizes, MACs and weight tables that follow from the spec. */
import { describe, expect, it } from 'vitest';
import {
  attentionMacs,
  blockGrid,
  blockPlaces,
  denseMacs,
  detailMacs,
  mapSize,
  placeAttention,
  placeDetail,
  placeMacs,
} from '../../src/network/geometry.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { COORDINATE_CHANNELS, HEAD_CHANNELS, networkLayers, weightShapes } from '../../src/network/spec.ts';
import { randomGates } from '../conformance/random.ts';

const spec = peopleVsPoles();

describe('the shipped network', () => {
  it('sees light as it is told, its layers the same', () => {
    const response = { halfSaturation: 96, linearShare: 0 };
    expect(peopleVsPoles(undefined, undefined, response)).toEqual({ ...spec, ...response });
  });

  it('chains: every layer reads what the one before it writes', () => {
    let channels = 4;
    for (const layer of spec.attention.layers) {
      expect(layer.inputs, layer.name).toBe(channels);
      channels = layer.outputs;
    }
    expect(spec.attention.gate.inputs).toBe(channels);
    expect(spec.attention.features.inputs).toBe(channels);
    channels = 4;
    for (const layer of spec.detail.stem) {
      expect(layer.inputs, layer.name).toBe(channels);
      channels = layer.outputs;
    }
    channels += spec.attention.features.outputs + COORDINATE_CHANNELS;
    for (const layer of [...spec.detail.trunk, spec.detail.head]) {
      expect(layer.inputs, layer.name).toBe(channels);
      channels = layer.outputs;
    }
    expect(channels).toBe(spec.labels.length * HEAD_CHANNELS.length);
  });

  it('reaches the block side in attention and the cell side in detail', () => {
    expect(placeAttention(spec).at(-1)!.stride).toBe(spec.block);
    expect(placeDetail(spec).at(-1)!.stride).toBe(spec.cell);
  });

  it('adds residuals only where shapes allow it', () => {
    for (const layer of networkLayers(spec).filter((one) => one.residual)) {
      expect([layer.stride, layer.inputs], layer.name).toEqual([1, layer.outputs]);
    }
  });

  it('names every weight once, with its 5x5 branch', () => {
    const names = weightShapes(spec).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('.five.'))).toEqual(['d4.five.w', 'd4.five.b']);
    expect(weightShapes(spec).find(({ name }) => name === 'd4.five.w')!.shape).toEqual([5, 5, 56, 56]);
  });
});

describe('sizes', () => {
  it('round up', () => {
    expect(mapSize({ width: 50, height: 37 }, 4)).toEqual({ width: 13, height: 10 });
    expect(blockGrid(spec, { width: 480, height: 360 })).toEqual({ columns: 30, rows: 23 });
  });

  it('clip blocks over the edge, and the blocks tile the map', () => {
    const frame = { width: 50, height: 37 };
    expect(blockPlaces(spec, frame, 4, 3, 2)).toEqual({ width: 1, height: 2 });
    for (const stride of [1, 2, 4]) {
      const { columns, rows } = blockGrid(spec, frame);
      let places = 0;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const { width, height } = blockPlaces(spec, frame, stride, column, row);
          places += width * height;
        }
      }
      const map = mapSize(frame, stride);
      expect(places).toBe(map.width * map.height);
    }
  });
});

describe('MACs', () => {
  const frame = { width: 480, height: 360 };
  const blocks = 30 * 23;

  it('of a place count kernel, inputs and outputs', () => {
    const d4 = spec.detail.trunk[1];
    expect(placeMacs(d4, false)).toBe(9 * 56 * 56);
    expect(placeMacs(d4, true)).toBe(25 * 56 * 56);
    expect(placeMacs(spec.detail.trunk[2], true)).toBe(9 * 56 * 56);
  });

  it('of all gates 1 plus attention are the dense MACs; of all 0 none', () => {
    expect(detailMacs(spec, frame, new Uint8Array(blocks))).toBe(0);
    expect(attentionMacs(spec, frame) + detailMacs(spec, frame, new Uint8Array(blocks).fill(1))).toBe(
      denseMacs(spec, frame),
    );
  });

  it('add up over blocks', () => {
    const gates = randomGates(blocks, [0, 1, 2], 3);
    let sum = 0;
    gates.forEach((gate, block) => {
      const one = new Uint8Array(blocks);
      one[block] = gate;
      sum += gate === 0 ? 0 : detailMacs(spec, frame, one);
    });
    expect(detailMacs(spec, frame, gates)).toBe(sum);
  });

  it('of the dense shipped network at 480x360, by hand', () => {
    const at = (stride: number) => Math.ceil(480 / stride) * Math.ceil(360 / stride);
    const attention =
      at(4) * 9 * 4 * 16 + at(8) * 9 * (16 * 32 + 32 * 32) + at(16) * (9 * (32 * 56 + 5 * 56 * 56) + 56 * 26);
    const detail = at(2) * 9 * 4 * 16 + at(4) * (9 * (16 * 32 + 60 * 56 + 3 * 56 * 56) + 56 * 12);
    expect(attentionMacs(spec, frame)).toBe(attention);
    expect(denseMacs(spec, frame)).toBe(attention + detail);
  });
});
