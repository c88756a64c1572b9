/** Several sets of pictures as one source: a set is drawn by its weight, then a picture of it. */
import type { TruePicture } from '../data/instances.ts';
import type { PictureSource } from './batch.ts';

export interface WeightedPictures {
  readonly name: string;
  /** How often the set is drawn, relative to the others. */
  readonly weight: number;
  readonly pictures: readonly TruePicture[];
}

export function mixPictures(sets: readonly WeightedPictures[]): PictureSource {
  const used = sets.filter(({ weight, pictures }) => weight > 0 && pictures.length > 0);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  return (random) => {
    let left = random() * total;
    const set = used.find(({ weight }) => (left -= weight) < 0) ?? used[used.length - 1];
    return set.pictures[Math.floor(random() * set.pictures.length)];
  };
}
