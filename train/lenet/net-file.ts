/**
 * A compressed LeNet as a .sacc file: the tensors of what is left of it, quantised, and a JSON of a few bytes. Units
 * that do nothing are not in the file (hidden units have no order, so nothing need be said of them); of the pixels
 * that LeNet-300-100 reads, the bounding box is. A reader gives back the whole net: 266,610 or 431,080 floats.
 */
import { decodeTensors } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import type { Tensor } from '../../src/codec/tensor.ts';
import { type Architecture, architecture, type NetName, parametersOf } from './architecture.ts';
import { SIDE } from './digits.ts';
import { gather, liveUnits, scatter, subnet } from './subnet.ts';

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Pixels of a box, row by row. */
function boxPixels({ top, left, height, width }: Box): Int32Array {
  return Int32Array.from(
    { length: height * width },
    (_, i) => (top + Math.floor(i / width)) * SIDE + left + (i % width),
  );
}

function boundingBox(pixels: Int32Array): Box {
  const rows = Array.from(pixels, (p) => Math.floor(p / SIDE));
  const columns = Array.from(pixels, (p) => p % SIDE);
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  return { top, left, height: Math.max(...rows) - top + 1, width: Math.max(...columns) - left + 1 };
}

/** Least indices of a subnet in the whole net: units by their order, pixels by their place. */
function unitsInFile(net: Architecture, vector: Float32Array): { units: Int32Array[]; box?: Box } {
  const units = liveUnits(net, vector).map((list) => (list.length > 0 ? list : Int32Array.of(0)));
  if (net.side > 1) return { units };
  const box = boundingBox(units[0]);
  return { units: [boxPixels(box), ...units.slice(1)], box };
}

/**
 * @param vector weights of the whole net, quantised: whole multiples of the steps
 * @param steps by tensor of the whole net, in the order of parametersOf
 */
export function encodeNet(net: Architecture, vector: Float32Array, steps: readonly number[]): Uint8Array {
  const { units, box } = unitsInFile(net, vector);
  const small = subnet(net, units);
  const values = gather(vector, small.map);
  const stepOf: Record<string, number> = {};
  const tensors = parametersOf(small.net).list.map(({ shape, offset, size }, i): Tensor => {
    const name = String.fromCharCode(97 + i);
    stepOf[name] = steps[i];
    const folded =
      i === 0 && box
        ? [box.height, box.width, shape[3]]
        : shape.filter((n, axis) => n > 1 || axis === shape.length - 1);
    return { name, shape: folded, data: values.slice(offset, offset + size) };
  });
  const json = JSON.stringify(box ? [net.name, box.top, box.left] : [net.name]);
  return encodeTensors(tensors, { steps: stepOf }, { json });
}

/** The whole net back from its file. */
export async function decodeNet(bytes: Uint8Array): Promise<{ net: Architecture; vector: Float32Array }> {
  const { container, tensors } = await decodeTensors(bytes);
  const [name, top, left] = JSON.parse(new TextDecoder().decode(container.json)) as [NetName, number, number];
  const net = architecture(name);
  const first = tensors[0].shape;
  const widths = net.layers.map((_, i) => tensors[2 * i + 1].data.length);
  const inputs =
    net.side > 1 ? Int32Array.of(0) : boxPixels({ top, left, height: first[0], width: first[1] });
  const units = [inputs, ...widths.map((n) => Int32Array.from({ length: n }, (_, i) => i))];
  const small = subnet(net, units);
  const part = new Float32Array(small.map.length);
  const { list } = parametersOf(small.net);
  for (const [i, { data }] of tensors.entries()) part.set(data, list[i].offset);
  return { net, vector: scatter(part, small.map, new Float32Array(parametersOf(net).size)) };
}
