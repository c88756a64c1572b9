/** Procedural street scenes as training pictures: rendered in memory, through a JPEG as cameras give it. */
import { between, seededRandom } from '../random.ts';
import { renderScene, type SceneOptions } from '../scenes/index.ts';
import { decodeImage, encodeJpeg } from './images.ts';
import { knownClass, type TruePicture, truePicture } from './instances.ts';

const JPEG_QUALITY = [70, 95] as const;

/** The scene of that seed. */
export function scenePicture(
  seed: number,
  labels: readonly string[],
  options: SceneOptions = {},
): TruePicture {
  const { frame, mask, classes, objects } = renderScene(seed, options);
  const quality = Math.round(between(seededRandom(seed), ...JPEG_QUALITY));
  return truePicture(
    {
      frame: decodeImage(encodeJpeg(frame, quality), `scene ${seed}`),
      mask,
      classes: classes.map(knownClass),
      annotations: objects.map(({ label, box, shaft, ignore }) => ({
        label,
        box,
        shaft: shaft ?? box,
        ignore,
      })),
      labelled: ['person', 'pole'],
      synthetic: true,
    },
    labels,
  );
}
