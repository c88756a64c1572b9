/** A labelled picture as an evaluation shows it: checked against its entry, and corrupted where that is asked for. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import type { Size } from '../../src/network/geometry.ts';
import { type CorruptionKind, corruptFrame, corruptionRandom } from '../data/corruptions/index.ts';
import type { DatasetImage } from '../data/dataset.ts';
import { readImage, readMask } from '../data/images.ts';
import type { FrameTruth } from './rules.ts';

/** One kind of corruption at one severity, 1..5. */
export interface CorruptionLevel {
  readonly kind: CorruptionKind;
  readonly severity: number;
}

/**
 * The picture of an image.
 * @param corruption what is done to it first, with random numbers that go by the file's name
 * @throws SaccadeNetError INVALID_OPTION when the picture has another size than its entry: boxes would be off
 */
export function shownFrame(image: DatasetImage, corruption?: CorruptionLevel): PixelFrame {
  const frame = readImage(image.file);
  if (frame.width !== image.width || frame.height !== image.height) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${image.file} is ${frame.width}x${frame.height} but annotations.json has it at ${image.width}x${image.height}; scale the boxes and correct the entry`,
    );
  }
  return corruption ? corruptedFrame(image, frame, corruption) : frame;
}

/** A frame of the image, corrupted: the same every time. */
export function corruptedFrame(
  { file }: Pick<DatasetImage, 'file'>,
  frame: PixelFrame,
  { kind, severity }: CorruptionLevel,
): PixelFrame {
  const name = file.split(/[\\/]/).pop() ?? '';
  return corruptFrame(kind, severity, frame, corruptionRandom(name, kind, severity));
}

/** What is known of an image. @throws SaccadeNetError INVALID_OPTION when picture and mask differ in size. */
export function frameTruth(
  image: DatasetImage,
  frame: Size,
  dataset: { readonly partial?: boolean },
): FrameTruth {
  const { width, height } = frame;
  const mask = image.maskFile ? readMask(image.maskFile) : undefined;
  if (mask && (mask.width !== width || mask.height !== height)) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${image.maskFile} is ${mask.width}x${mask.height} but its picture is ${width}x${height}; make the mask anew at the picture's size`,
    );
  }
  return { width, height, annotations: image.annotations, mask, partial: dataset.partial };
}
