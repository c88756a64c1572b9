/**
 * What is left of a net when units that do nothing are taken out: the same function on fewer numbers, so training a
 * pruned net costs what it is worth, and files need not say where nothing is.
 */
import type { CodedLayer } from '../compress/layers.ts';
import { type Architecture, architecture, parametersOf } from './architecture.ts';

export interface Subnet {
  readonly net: Architecture;
  /** For each of its parameters the one of the whole net. */
  readonly map: Int32Array;
  /** Units that are left: inputs (channels, or pixels), then each layer's outputs. */
  readonly units: readonly Int32Array[];
}

/** Index of weight (q, c, n) of a layer: q is the place in the kernel. */
function weightAt({ shape, offset }: CodedLayer, q: number, c: number, n: number): number {
  return offset + (q * shape[2] + c) * shape[3] + n;
}

interface Pair {
  readonly w: CodedLayer;
  readonly b: CodedLayer;
  readonly kk: number;
}

function pairs(net: Architecture): Pair[] {
  const { list } = parametersOf(net);
  return net.layers.map(({ kernel }, i) => ({ w: list[2 * i], b: list[2 * i + 1], kk: kernel * kernel }));
}

/** Units with something to read or a positive bias, and something that reads them. */
export function liveUnits(net: Architecture, vector: Float32Array): Int32Array[] {
  const layers = pairs(net);
  const alive = [net.layers[0].inputs, ...net.layers.map(({ outputs }) => outputs)].map((n) =>
    new Uint8Array(n).fill(1),
  );
  for (let changed = true; changed; ) {
    changed = false;
    const reads = alive.map((units) => new Uint8Array(units.length));
    const isRead = alive.map((units) => new Uint8Array(units.length));
    for (const [i, { w, b, kk }] of layers.entries()) {
      for (let q = 0; q < kk; q++)
        for (let c = 0; c < w.shape[2]; c++) {
          if (alive[i][c] === 0) continue;
          for (let n = 0; n < w.shape[3]; n++) {
            if (alive[i + 1][n] === 0 || vector[weightAt(w, q, c, n)] === 0) continue;
            reads[i + 1][n] = 1;
            isRead[i][c] = 1;
          }
        }
      for (let n = 0; n < b.size; n++) if (vector[b.offset + n] > 0) reads[i + 1][n] = 1;
    }
    for (const [i, units] of alive.entries()) {
      if (i === alive.length - 1) continue;
      for (let u = 0; u < units.length; u++) {
        if (units[u] === 0 || (isRead[i][u] === 1 && (i === 0 || reads[i][u] === 1))) continue;
        units[u] = 0;
        changed = true;
      }
    }
  }
  return alive.map((units) => Int32Array.from(units.keys()).filter((u) => units[u] === 1));
}

/** Units that read nothing but give a constant: it goes into the biases of their readers. Changes the vector. */
export function foldConstants(net: Architecture, vector: Float32Array): void {
  const layers = pairs(net);
  for (let i = 0; i + 1 < layers.length; i++) {
    const { w, b, kk } = layers[i];
    const next = layers[i + 1];
    for (let n = 0; n < w.shape[3]; n++) {
      let reads = false;
      for (let q = 0; q < kk && !reads; q++)
        for (let c = 0; c < w.shape[2] && !reads; c++) reads = vector[weightAt(w, q, c, n)] !== 0;
      if (reads) continue;
      const constant = Math.max(0, vector[b.offset + n]);
      vector[b.offset + n] = 0;
      for (let q = 0; q < next.kk; q++)
        for (let m = 0; m < next.w.shape[3]; m++) {
          const at = weightAt(next.w, q, n, m);
          vector[next.b.offset + m] += constant * vector[at];
          vector[at] = 0;
        }
    }
  }
}

/** The net of these units alone. At least one unit is kept everywhere. */
export function subnet(net: Architecture, units: readonly Int32Array[]): Subnet {
  const kept = units.map((list) => (list.length > 0 ? list : Int32Array.of(0)));
  const small = architecture(
    net.name,
    kept.map((list) => list.length),
  );
  const map = new Int32Array(parametersOf(small).size);
  let at = 0;
  for (const [i, { w, b, kk }] of pairs(net).entries()) {
    for (let q = 0; q < kk; q++)
      for (const c of kept[i]) for (const n of kept[i + 1]) map[at++] = weightAt(w, q, c, n);
    for (const n of kept[i + 1]) map[at++] = b.offset + n;
  }
  return { net: small, map, units: kept };
}

export function gather(vector: Float32Array, map: Int32Array): Float32Array {
  return Float32Array.from(map, (at) => vector[at]);
}

/** Puts a subnet's parameters into a vector of the whole net; what it does not hold becomes 0 where `rest` is 0. */
export function scatter(part: Float32Array, map: Int32Array, into: Float32Array): Float32Array {
  for (let i = 0; i < map.length; i++) into[map[i]] = part[i];
  return into;
}
