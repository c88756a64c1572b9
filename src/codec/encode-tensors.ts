/**
 * From float32 tensors to a .sacc file. Deterministic: the same tensors and options give the same bytes.
 * Tensors of two or more dimensions are quantised with a step each and entropy-coded; the rest (biases), tiny ones
 * and ones with values that no step can hold are stored raw, in half precision where that is accurate enough.
 *
 * For compression in the training loop and for a given size see encoder/calibration.ts: prices, moments, curvatures.
 */

import { floatToHalf, halfToFloat } from '../network/half.ts';
import type { DetailedEncoding } from './detailed-encoding.ts';
import {
  checkOptions,
  DEFAULT_SQNR_DB,
  type EncodeOptions,
  MIN_CODED_ELEMENTS,
  trellisAsked,
} from './encode-options.ts';
import { assemble, type Prepared } from './encoder/assemble.ts';
import { encodeTensor, type Goal } from './encoder/encode-tensor.ts';
import { encodeToError, encodeWithin } from './encoder/rate-search.ts';
import { shareFamilies } from './encoder/share-families.ts';
import { sqnrDb } from './step.ts';
import { checkTensors, type Tensor } from './tensor.ts';
import { CODING_F16, CODING_F32, type Coding } from './tensor-record.ts';

function rawCoding(data: Float32Array, targetDb: number): Coding {
  const halves = data.map((value) => halfToFloat(floatToHalf(value)));
  if (!halves.every(Number.isFinite)) return CODING_F32;
  return sqnrDb(data, halves) >= targetDb ? CODING_F16 : CODING_F32;
}

/** @param goal null for a tensor that is only to be coded where a calibration or a step is given */
function prepare(tensor: Tensor, goal: Goal, options: EncodeOptions): Prepared {
  const { name, shape, data } = tensor;
  const calibration = options.calibration?.[name];
  const asked = goal.kind === 'step' || calibration !== undefined;
  if (shape.length > 0 && (asked || (shape.length >= 2 && data.length >= MIN_CODED_ELEMENTS))) {
    const coded = encodeTensor(tensor, goal, { trellis: trellisAsked(options), calibration });
    if (coded !== null) return { record: coded.record, decoded: coded.decoded, coded };
  }
  const coding = rawCoding(data, goal.kind === 'sqnr' ? goal.db : RAW_SQNR_DB);
  const decoded = coding === CODING_F32 ? data : data.map((value) => halfToFloat(floatToHalf(value)));
  const record = {
    name,
    shape,
    elements: data.length,
    coding,
    step: 0,
    context: null,
    transform: 0,
  } as const;
  return { record, decoded, coded: null };
}

/** Of whole numbers: every value is a level. */
const WHOLE: Goal = { kind: 'step', step: 1, lambda: 0 };

/** What raw tensors reach where no signal-to-noise ratio is asked for: half precision does, but for its range. */
const RAW_SQNR_DB = 60;

function withSharedFamilies(prepared: readonly Prepared[]): Prepared[] {
  const coded = prepared.flatMap((one) => one.coded ?? []);
  const shared = new Map(shareFamilies(coded).map((after, i) => [coded[i], after]));
  return prepared.map((one) => {
    const after = one.coded && shared.get(one.coded);
    return after ? { ...one, record: after.record, coded: after } : one;
  });
}

/** Flags and JSON of the container; left out for plain tensors. */
export interface ContainerExtra {
  readonly flags?: number;
  readonly json?: string;
}

/**
 * Encodes tensors of any net.
 * @throws SaccadeNetError INVALID_OPTION
 */
export function encodeTensors(
  tensors: readonly Tensor[],
  options: EncodeOptions = {},
  extra: ContainerExtra = {},
): Uint8Array {
  return encodeTensorsDetailed(tensors, options, extra).bytes;
}

/** As encodeTensors, with the decoded weights and the bits of each tensor. @throws SaccadeNetError INVALID_OPTION */
export function encodeTensorsDetailed(
  tensors: readonly Tensor[],
  options: EncodeOptions = {},
  extra: ContainerExtra = {},
): DetailedEncoding {
  checkTensors(tensors);
  checkOptions(options, tensors);
  const total = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const encodeAt = (goalOf: (tensor: Tensor) => Goal): DetailedEncoding => {
    let done = 0;
    const prepared = tensors.map((tensor) => {
      const step = options.steps?.[tensor.name];
      const goal: Goal = tensor.whole
        ? WHOLE
        : step === undefined
          ? goalOf(tensor)
          : { kind: 'step', step, lambda: options.rateLambda ?? 0 };
      const found = prepare(tensor, goal, options);
      done += tensor.data.length;
      options.onProgress?.(done / total);
      return found;
    });
    return {
      bytes: assemble(withSharedFamilies(prepared), extra.flags ?? 0, extra.json ?? ''),
      decoded: prepared.map(({ decoded }, i) => ({ ...tensors[i], data: decoded })),
      bits: new Map(
        prepared.map(({ record, coded }) => {
          return [record.name, coded?.bits ?? record.elements * (record.coding === CODING_F16 ? 16 : 32)];
        }),
      ),
      distortions: new Map(prepared.map(({ record, coded }) => [record.name, coded?.distortion ?? 0])),
      steps: new Map(
        prepared.flatMap(({ record, coded }) => (coded === null ? [] : [[record.name, record.step]])),
      ),
    };
  };
  const atLambda = (lambda: number, steps?: ReadonlyMap<string, number>) =>
    encodeAt(({ name }) => ({ kind: 'lambda', lambda, step: steps?.get(name) }));
  if (options.bytes !== undefined) return encodeWithin(options.bytes, atLambda, total);
  if (options.outputError !== undefined) {
    return encodeToError(options.outputError, atLambda, total, options.measureOutputError);
  }
  if (options.rateLambda !== undefined) return atLambda(options.rateLambda);
  const { sqnrDb: targets = DEFAULT_SQNR_DB } = options;
  return encodeAt(({ name }) => {
    return { kind: 'sqnr', db: typeof targets === 'number' ? targets : (targets[name] ?? DEFAULT_SQNR_DB) };
  });
}
