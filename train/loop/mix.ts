/**
 * Several sets of pictures as one source: a set is drawn by its weight, then a picture of it; pictures that label
 * everything get things of the others pasted in.
 */
import { AUGMENT, type AugmentSettings } from '../data/augment-settings.ts';
import { composePicture, pasteStock } from '../data/compose.ts';
import { cutPicture } from '../data/cutouts.ts';
import type { TruePicture } from '../data/instances.ts';
import { fitPerspectives, type Perspective } from '../data/perspective.ts';
import type { Random } from '../random.ts';
import type { PictureSource } from './batch.ts';

export interface WeightedPictures {
  readonly name: string;
  /** How often the set is drawn, relative to the others. */
  readonly weight: number;
  readonly pictures: readonly TruePicture[];
}

/** A street of which all is known. */
function isWhole({ labelled, outlined, close }: TruePicture): boolean {
  return Boolean(outlined) && labelled.every(Boolean) && !close;
}

/** Draws for a picture that is wanted before any is taken. */
const MOST_DRAWS = 30;

/** The same source for the same sets and settings; sets of weight 0 are not used for cut-outs either. */
export function mixPictures(
  sets: readonly WeightedPictures[],
  augment: AugmentSettings = AUGMENT,
): PictureSource {
  const used = sets.filter(({ weight, pictures }) => weight > 0 && pictures.length > 0);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const drawAny = (random: Random): TruePicture => {
    let left = random() * total;
    const set = used.find(({ weight }) => (left -= weight) < 0) ?? used[used.length - 1];
    return set.pictures[Math.floor(random() * set.pictures.length)];
  };
  const draw = (random: Random, wanted?: (picture: TruePicture) => boolean): TruePicture => {
    let picture = drawAny(random);
    for (let i = 1; wanted && !wanted(picture) && i < MOST_DRAWS; i++) picture = drawAny(random);
    return picture;
  };
  if (augment.pasteShare === 0) return Object.assign(draw, { augment });
  const perspectives = new Map<TruePicture, Perspective>();
  for (const { pictures } of used) {
    const fitted = fitPerspectives(pictures);
    for (const [i, picture] of pictures.entries()) perspectives.set(picture, fitted[i]);
  }
  const all = [...perspectives.keys()];
  const cutouts = all.flatMap((picture) =>
    cutPicture(picture, perspectives.get(picture) as Perspective).map((cutout) => ({
      cutout,
      synthetic: picture.synthetic ?? false,
    })),
  );
  const stock = pasteStock(cutouts, all.filter(isWhole));
  const source: PictureSource = (random, wanted) => {
    const picture = draw(random, wanted);
    if (!(picture.backdrop || isWhole(picture)) || random() >= augment.pasteShare) return picture;
    return composePicture(picture, perspectives.get(picture) as Perspective, stock, augment, random);
  };
  return Object.assign(source, { augment });
}
