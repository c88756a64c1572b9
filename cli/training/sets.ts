/** The pictures of a training: sets by weight, streets without people, procedural scenes. All in shared memory. */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { type Dataset, type DatasetImage, openDataset } from '../../train/data/dataset.ts';
import { readBackdrop, readPicture, type TruePicture } from '../../train/data/instances.ts';
import { markPoles, readMarks } from '../../train/data/marks.ts';
import type { WeightedPictures } from '../../train/loop/mix.ts';
import { shareArrays } from '../../train/loop/share-arrays.ts';
import { createProgress } from '../progress.ts';
import type { TrainCommandOptions } from './options.ts';

/** Scenes that are rendered before training and drawn from; enough that none is learned by heart. */
const SCENES = 800;

/** Sequences that a set has none of are no error when several sets are given. */
export function openTrainingSet(
  directory: string,
  {
    sequences: only,
    excludeSequences: without,
    permissiveOnly,
  }: Pick<TrainCommandOptions, 'sequences' | 'excludeSequences' | 'permissiveOnly'>,
): Dataset | null {
  const names = new Set(openDataset(directory, { permissiveOnly }).images.map(({ sequence }) => sequence));
  const known = (list: string[] | undefined) => list?.filter((name) => names.has(name));
  const kept = known(only);
  if (only && kept?.length === 0) return null;
  return openDataset(directory, { sequences: kept, excludeSequences: known(without), permissiveOnly });
}

/** A misspelt name must not put a held-out drive into training. @throws SaccadeNetError INVALID_OPTION for one that no set has */
export function checkSequences(directories: readonly string[], named: readonly string[]): void {
  const known = new Set(directories.flatMap((d) => openDataset(d).images.map(({ sequence }) => sequence)));
  for (const name of named) {
    if (known.has(name)) continue;
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `no set of --data has a sequence '${name}'; they have ${[...known].filter(Boolean).join(', ')}`,
    );
  }
}

/** All pictures that a training draws from. @throws Error where none is left */
export async function readTrainingSets(
  options: TrainCommandOptions,
  labels: readonly string[],
): Promise<WeightedPictures[]> {
  const { data, peopleFree, sequences, excludeSequences, permissiveOnly, scenes, canyons } = options;
  checkSequences(
    data.map(({ directory }) => directory),
    [...(sequences ?? []), ...(excludeSequences ?? [])],
  );
  const sets: WeightedPictures[] = [];
  const add = (weight: number, set: Dataset, read: (set: Dataset, image: DatasetImage) => TruePicture) => {
    const progress = createProgress(`reading ${set.directory}`, set.images.length);
    const pictures = set.images.map((image, i) => {
      progress.update(i + 1);
      return shareArrays(read(set, image));
    });
    progress.end();
    sets.push({ name: set.directory, weight, pictures });
  };
  const marks = options.marks === undefined ? new Map() : readMarks(options.marks);
  for (const { directory, weight } of data) {
    const set = openTrainingSet(directory, options);
    for (const part of set ? markPoles(set, marks) : []) {
      add(weight, part, (_, image) => readPicture(part, image, labels));
    }
  }
  for (const { directory, weight } of peopleFree) {
    add(weight, openDataset(directory, { permissiveOnly }), (_, image) => readBackdrop(image, labels));
  }
  if (!(scenes > 0) && !sets.some(({ weight, pictures }) => weight > 0 && pictures.length > 0)) {
    throw new Error(
      'no picture is left to train on; check --sequences, --exclude-sequences and the weights behind --data',
    );
  }
  if (scenes > 0) sets.push(await renderScenes(scenes, canyons, options.settings.seed, labels));
  return sets;
}

async function renderScenes(
  weight: number,
  canyons: number,
  seed: number,
  labels: readonly string[],
): Promise<WeightedPictures> {
  const { scenePicture } = await import('../../train/data/scene-pictures.ts');
  const progress = createProgress('rendering scenes', SCENES);
  const pictures = Array.from({ length: SCENES }, (_, i) => {
    progress.update(i + 1);
    return shareArrays(scenePicture(seed * 100_000 + i, labels, { canyon: i < canyons * SCENES }));
  });
  progress.end();
  return { name: 'procedural scenes', weight, pictures };
}
