/** What a trained model is given from data besides its weights: the 5x5 share and the score thresholds; and its scores. */
import { decodeModel } from '../../src/codec/decode-model.ts';
import { type EncodeOptions, encodeModel } from '../../src/codec/encode-model.ts';
import type { Model } from '../../src/network/spec.ts';
import { type Dataset, openDataset } from '../../train/data/dataset.ts';
import { calibrationForSize } from '../model-sensitivity.ts';
import { createProgress } from '../progress.ts';
import type { TrainCommandOptions } from './options.ts';
import { openTrainingSet } from './sets.ts';

/** Images that the thresholds are chosen on, spread over the set. */
const CALIBRATION_IMAGES = 120;
/** Images that a running training is scored on. */
const VALIDATION_IMAGES = 60;
/** Share of the attended blocks that take 5x5 kernels. */
const FIVE_SHARE = 0.1;

/** Where the pictures are that thresholds are chosen on: a set of its own, or the first that is trained on. */
type CalibrationSource = Pick<
  TrainCommandOptions,
  'calibrate' | 'sequences' | 'excludeSequences' | 'permissiveOnly'
> & { readonly data: readonly { readonly directory: string }[] };

/** The set that thresholds are chosen on; null where only scenes are trained on. */
export function openCalibrationSet(options: CalibrationSource): Dataset | null {
  const { calibrate, data, permissiveOnly } = options;
  if (calibrate) return openDataset(calibrate.directory, { sequences: calibrate.sequences, permissiveOnly });
  return data.length > 0 ? openTrainingSet(data[0].directory, options) : null;
}

export type Encode = (model: Model, how: EncodeOptions) => Uint8Array;

/**
 * The file of a trained model: its 5x5 share and thresholds are set on the data, as the coded model sees it. Where a size
 * is asked for, what the network says decides which weights get the bits.
 */
export async function finishedFile(
  model: Model,
  dataset: Dataset | null,
  how: EncodeOptions,
  encode: Encode = encodeModel,
): Promise<Uint8Array> {
  const withCalibration = async (of: Model) =>
    how.bytes === undefined ? how : { ...how, calibration: await calibrationForSize(of) };
  if (!dataset) return encode(model, await withCalibration(model));
  const { balanceFive, bestThresholds } = await import('../../train/loop/calibrate.ts');
  const maxImages = Math.min(CALIBRATION_IMAGES, dataset.images.length);
  const progress = createProgress('calibrating', maxImages);
  const options = { maxImages, onProgress: (done: number) => progress.update(done) };
  const balanced = await balanceFive(model, dataset, FIVE_SHARE, options);
  const calibrated = await withCalibration(balanced);
  const coded = await decodeModel(encode(balanced, calibrated));
  const scoreThresholds = await bestThresholds(coded, dataset, options);
  progress.end();
  return encode({ ...balanced, scoreThresholds }, calibrated);
}

/** Scores of a model of a running training, as columns of its log. */
export async function validationScores(model: Model, dataset: Dataset): Promise<Record<string, number>> {
  const { scoreModel } = await import('../../train/metrics/score-model.ts');
  const maxImages = Math.min(VALIDATION_IMAGES, dataset.images.length);
  const { personAP50, poleAP30 } = await scoreModel(model, dataset, { maxImages });
  return { validPersonAP50: personAP50 ?? Number.NaN, validPoleAP30: poleAP30 ?? Number.NaN };
}
