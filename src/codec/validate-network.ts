/**
 * Checks a network spec that came from a file: a spec that passes is consistent, small enough, and holds only known
 * fields, so backends need not check again. Everything wrong is MODEL_FORMAT, another spec version MODEL_VERSION.
 */
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  type DictionarySpec,
  FRAME_CHANNELS,
  HEAD_CHANNELS,
  NETWORK_SPEC_VERSION,
  NETWORK_SPEC_VERSIONS,
  type NetworkSpec,
} from '../network/spec.ts';
import { formatError, versionError } from './format-error.ts';

const MAX_LAYERS = 256;
const MAX_CHANNELS = 4096;
const MAX_DICTIONARIES = 64;
const MAX_PATTERNS = 4096;
const MAX_LABELS = 256;
const MAX_TEXT = 200;
/** Levels; steeper or flatter than this no camera's frames are. */
const HALF_SATURATION_RANGE = [1, 65_536] as const;
/** Letters, digits, `_` and `-`: a name becomes part of tensor names and of error messages. */
const LAYER_NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** Names that Executor.read gives a meaning of its own. */
const RESERVED = new Set(['input', 'join']);

type Fields = Readonly<Record<string, unknown>>;

function bad(where: string, value: unknown, wanted: string): never {
  const shown =
    typeof value === 'object' && value !== null ? typeof value : JSON.stringify(value)?.slice(0, 80);
  throw formatError(`The network's ${where} is ${shown}, wanted ${wanted}`, { where });
}

export function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) bad(where, value, 'an object');
  return value as Fields;
}

function listOf(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > most) {
    bad(where, value, `a list of 1 to ${most}`);
  }
  return value;
}

function oneOf<T>(value: unknown, where: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) bad(where, value, allowed.join(' or '));
  return value as T;
}

function channels(value: unknown, where: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MAX_CHANNELS) {
    bad(where, value, `a whole number from 1 to ${MAX_CHANNELS}`);
  }
  return value as number;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.length < 1 || value.length > MAX_TEXT) {
    bad(where, value, `a text of 1 to ${MAX_TEXT} characters`);
  }
  return value;
}

function uniqueName(value: unknown, where: string, names: Set<string>): string {
  const name = text(value, where);
  if (!LAYER_NAME.test(name) || RESERVED.has(name) || names.has(name)) {
    bad(where, name, 'a unique name of letters, digits, _ and -');
  }
  names.add(name);
  return name;
}

function validateDictionary(value: unknown, where: string, names: Set<string>): DictionarySpec {
  const fields = fieldsOf(value, where);
  const count = (field: 'local' | 'long', most: number) => {
    const found = fields[field];
    if (!Number.isInteger(found) || (found as number) < 0 || (found as number) > most) {
      bad(`${where}.${field}`, found, `a whole number from 0 to ${most}`);
    }
    return found as number;
  };
  const name = uniqueName(fields.name, `${where}.name`, names);
  const reach = oneOf(fields.reach, `${where}.reach`, [3, 5] as const);
  const local = count('local', MAX_PATTERNS);
  const long = count('long', reach === 3 ? 0 : MAX_PATTERNS - local);
  if (local + long === 0) bad(`${where}.local`, 0, 'patterns');
  return { name, reach, local, long };
}

/** Checks what a layer says of genes. */
function validateGenes(
  value: unknown,
  where: string,
  { kernel, fiveByFive }: Pick<ConvLayer, 'kernel' | 'fiveByFive'>,
  dictionaries: readonly DictionarySpec[],
): Pick<ConvLayer, 'genes'> {
  if (value === undefined) return {};
  const dictionary = dictionaries.find(({ name }) => name === value);
  if (dictionary === undefined) return bad(`${where}.genes`, value, 'the name of a dictionary');
  if (kernel !== dictionary.reach) bad(`${where}.kernel`, kernel, `${dictionary.reach} as its dictionary`);
  if (fiveByFive) bad(`${where}.genes`, value, 'none with a 5x5 branch');
  return { genes: dictionary.name };
}

function validateLayer(
  value: unknown,
  where: string,
  names: Set<string>,
  dictionaries: readonly DictionarySpec[],
): ConvLayer {
  const fields = fieldsOf(value, where);
  const layer = {
    name: uniqueName(fields.name, `${where}.name`, names),
    kernel: oneOf(fields.kernel, `${where}.kernel`, [1, 3, 5] as const),
    stride: oneOf(fields.stride, `${where}.stride`, [1, 2] as const),
    inputs: channels(fields.inputs, `${where}.inputs`),
    outputs: channels(fields.outputs, `${where}.outputs`),
    activation: oneOf(fields.activation, `${where}.activation`, ['relu', 'none'] as const),
  };
  const residual = oneOf(fields.residual ?? false, `${where}.residual`, [true, false]);
  const fiveByFive = oneOf(fields.fiveByFive ?? false, `${where}.fiveByFive`, [true, false]);
  if (residual && (layer.stride !== 1 || layer.inputs !== layer.outputs)) {
    bad(`${where}.residual`, true, 'it only at stride 1 and with as many outputs as inputs');
  }
  return {
    ...layer,
    ...(residual ? { residual } : {}),
    ...(fiveByFive ? { fiveByFive } : {}),
    ...validateGenes(fields.genes, where, { kernel: layer.kernel, fiveByFive }, dictionaries),
  };
}

/** Checks that each layer reads what the one before gives; returns the last one's outputs and the total stride. */
function chain(
  layers: readonly ConvLayer[],
  inputs: number,
  where: string,
): { outputs: number; stride: number } {
  let outputs = inputs;
  let stride = 1;
  for (const layer of layers) {
    if (layer.inputs !== outputs) bad(`${where} layer "${layer.name}" inputs`, layer.inputs, String(outputs));
    outputs = layer.outputs;
    stride *= layer.stride;
  }
  return { outputs, stride };
}

function pointwise(layer: ConvLayer, where: string, inputs: number, outputs: number): void {
  if (layer.kernel !== 1) bad(`${where}.kernel`, layer.kernel, '1');
  if (layer.stride !== 1) bad(`${where}.stride`, layer.stride, '1');
  if (layer.inputs !== inputs) bad(`${where}.inputs`, layer.inputs, String(inputs));
  if (layer.outputs !== outputs) bad(`${where}.outputs`, layer.outputs, String(outputs));
}

/** `halfSaturation` where there is one, and its `linearShare`. */
function validateResponse(
  { halfSaturation, linearShare }: Fields,
  version: number,
): Pick<NetworkSpec, 'halfSaturation' | 'linearShare'> {
  if (halfSaturation !== undefined && version < 2) bad('halfSaturation', halfSaturation, 'none in version 1');
  if (linearShare !== undefined && version < 4) bad('linearShare', linearShare, 'none before version 4');
  if (halfSaturation === undefined) {
    if (linearShare !== undefined) bad('linearShare', linearShare, 'none without halfSaturation');
    return {};
  }
  const half = numberWithin(halfSaturation, 'halfSaturation', HALF_SATURATION_RANGE);
  if (linearShare === undefined) return { halfSaturation: half };
  return { halfSaturation: half, linearShare: numberWithin(linearShare, 'linearShare', [0, 1]) };
}

function numberWithin(value: unknown, where: string, [least, most]: readonly [number, number]): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return bad(where, value, `a number from ${least} to ${most}`);
}

/** `dictionaries` where there are any; from version 3 on. */
function validateDictionaries(value: unknown, version: number, names: Set<string>): DictionarySpec[] {
  if (value === undefined) return [];
  if (version < 3) bad('dictionaries', value, 'none before version 3');
  return listOf(value, 'dictionaries', MAX_DICTIONARIES).map((one, i) =>
    validateDictionary(one, `dictionaries[${i}]`, names),
  );
}

/**
 * @param value what JSON.parse gave
 * @returns a fresh spec of known fields only
 * @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION
 */
export function validateNetwork(value: unknown): NetworkSpec {
  const fields = fieldsOf(value, 'spec');
  const version = NETWORK_SPEC_VERSIONS.find((one) => one === fields.version);
  if (version === undefined) throw versionError('network spec', fields.version, NETWORK_SPEC_VERSION);
  const names = new Set<string>();
  const dictionaries = validateDictionaries(fields.dictionaries, version, names);
  const layerOf = (value: unknown, where: string) => validateLayer(value, where, names, dictionaries);
  const layers = (list: unknown, where: string) =>
    listOf(list, where, MAX_LAYERS).map((layer, i) => layerOf(layer, `${where}[${i}]`));
  const labels = listOf(fields.labels, 'labels', MAX_LABELS).map((label, i) => text(label, `labels[${i}]`));
  if (new Set(labels).size !== labels.length) bad('labels', labels.join(), 'no label twice');
  const block = oneOf(fields.block, 'block', [8, 16, 32] as const);
  const cell = oneOf(fields.cell, 'cell', [2, 4, 8] as const);

  const attention = fieldsOf(fields.attention, 'attention');
  const downsample = oneOf(attention.downsample, 'attention.downsample', [2, 4] as const);
  const attentionLayers = layers(attention.layers, 'attention.layers');
  const gate = layerOf(attention.gate, 'attention.gate');
  const features = layerOf(attention.features, 'attention.features');
  const seen = chain(attentionLayers, FRAME_CHANNELS, 'attention');
  if (downsample * seen.stride !== block) bad('attention stride', downsample * seen.stride, String(block));
  pointwise(gate, 'attention.gate', seen.outputs, 2);
  pointwise(features, 'attention.features', seen.outputs, features.outputs);

  const detail = fieldsOf(fields.detail, 'detail');
  const stem = layers(detail.stem, 'detail.stem');
  const trunk = layers(detail.trunk, 'detail.trunk');
  const head = layerOf(detail.head, 'detail.head');
  const cells = chain(stem, FRAME_CHANNELS, 'detail.stem');
  if (cells.stride !== cell) bad('detail.stem stride', cells.stride, String(cell));
  const join = cells.outputs + features.outputs + COORDINATE_CHANNELS;
  const last = chain(trunk, join, 'detail.trunk');
  if (last.stride !== 1) bad('detail.trunk stride', last.stride, '1');
  pointwise(head, 'detail.head', last.outputs, labels.length * HEAD_CHANNELS.length);
  for (const layer of [...attentionLayers, gate, features, ...stem, head]) {
    if (layer.fiveByFive) bad(`layer "${layer.name}" fiveByFive`, true, 'it in the detail trunk only');
  }
  return {
    version,
    name: text(fields.name, 'name'),
    labels,
    block,
    cell,
    ...validateResponse(fields, version),
    ...(dictionaries.length > 0 ? { dictionaries } : {}),
    attention: { downsample, layers: attentionLayers, gate, features },
    detail: { stem, trunk, head },
  };
}
