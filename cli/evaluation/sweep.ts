/** `evaluate --video --budgets`: AP of policies against budgets on clips, and sudden appearance. */
import { SACCADE_WEIGHTS, type SaccadeWeights } from '../../src/attention/saccade.ts';
import { openDataset } from '../../train/data/dataset.ts';
import {
  type AppearanceFigures,
  AppearanceTally,
  appearanceImages,
  appearingTracks,
} from '../../train/metrics/appearance.ts';
import {
  apFrame,
  bootstrapInterval,
  type Interval,
  neighbourBlocks,
  weightedAp,
} from '../../train/metrics/bootstrap.ts';
import { type BoxCounts, countBoxes } from '../../train/metrics/box-counts.ts';
import { scoreThreshold } from '../../train/metrics/score-model.ts';
import { type Contestant, type SweepPolicy, sweepPolicies } from '../../train/metrics/sweep-policies.ts';
import { seededRandom } from '../../train/random.ts';
import { loadModelFile, openBackend } from '../open-session.ts';
import type { EvaluateOptions, Sweep } from './options.ts';

type Aps<T> = { readonly personAP50: T; readonly poleAP30: T };

export interface SweepRow extends Aps<number | null> {
  readonly policy: SweepPolicy;
  readonly budget: number;
  /** Where they were drawn. */
  readonly weights?: SaccadeWeights;
  /** Mean share of blocks attended. */
  readonly attended: number;
  readonly intervals: Aps<Interval | null>;
  /** AP minus that of `static` at this budget, and at twice this budget, paired; where the sweep has them. */
  readonly againstStatic?: Aps<Interval | null>;
  readonly againstStaticTwice?: Aps<Interval | null>;
  readonly appearance?: AppearanceFigures;
}

/** What the weights are drawn from, each for itself: random search (Bergstra and Bengio, 2012). */
const CHOICES: Partial<Record<keyof SaccadeWeights, readonly number[]>> = {
  freshness: [0, 0.25, 0.5, 1],
  inhibition: [0, 2.7, 5.5, 8],
  inhibitionSteps: [0.7, 1, 1.5],
  staleSteps: [1, 3, 8],
  motion: [0, 0.3, 1],
  novelty: [0, 1.5, 3, 5],
  track: [1, 3, 6, 10],
  trackSteps: [0.7, 1, 1.4, 2.9, 6],
};

function drawWeights(count: number): SaccadeWeights[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => ({
    ...SACCADE_WEIGHTS,
    ...Object.fromEntries(
      Object.entries(CHOICES).map(([name, values]) => [name, values[Math.floor(random() * values.length)]]),
    ),
  }));
}

interface Tally {
  attended: number;
  readonly boxes: Record<'person' | 'pole', BoxCounts[]>;
  readonly appearance: AppearanceTally;
}

/** @throws what the model, the files and the backend throw */
export async function runSweep(
  options: EvaluateOptions & { readonly sweep: Sweep },
  onProgress: (done: number, total: number) => void,
): Promise<SweepRow[]> {
  const { sweep, own, directory } = options;
  const [{ model: file, sequences, excludeSequences }] = own.parts;
  const model = await loadModelFile(file);
  const whole = openDataset(directory, { sequences, excludeSequences });
  const appearing = sweep.appearance ? appearingTracks(whole.images) : new Map<string, number>();
  // Where somebody appears in no clip, all frames are scored, and the table says that there is no clip.
  const telling = appearing.size > 0 ? appearanceImages(whole.images, appearing) : whole.images;
  const dataset = { ...whole, images: telling };
  const contestants: Contestant[] = sweep.budgets.flatMap((budget) => [
    ...sweep.policies.map((policy) => ({ policy, budget })),
    ...drawWeights(sweep.draws).map((weights) => ({ policy: 'saccade' as const, budget, weights })),
  ]);
  const tallies = contestants.map(
    (): Tally => ({ attended: 0, boxes: { person: [], pole: [] }, appearance: new AppearanceTally() }),
  );
  const threshold = scoreThreshold(model);
  const backend = await openBackend(options.backend);
  const used = { backend, conditioning: own.conditioning, corruption: options.corruption, onProgress };
  await sweepPolicies(model, dataset, contestants, used, (frame) => {
    const { contestant, sequence, truth, gates, columns, detections } = frame;
    const tally = tallies[contestant];
    tally.attended += gates.reduce((sum, gate) => sum + (gate > 0 ? 1 : 0), 0) / gates.length;
    for (const label of ['person', 'pole'] as const)
      if (dataset.labelled.includes(label))
        tally.boxes[label].push(countBoxes(truth, detections, label, threshold));
    const track = appearing.get(sequence);
    if (track !== undefined) tally.appearance.add(sequence, truth, gates, columns, frame.blockPx, track);
  });
  const blocks = neighbourBlocks(dataset.images.map(({ sequence }) => sequence));
  const ones = new Float64Array(dataset.images.length).fill(1);
  const ap = tallies.map(({ boxes }) => ({
    person: weightedAp(boxes.person.map(apFrame)),
    pole: weightedAp(boxes.pole.map(apFrame)),
  }));
  const both = <T>(of: (label: 'person' | 'pole') => T): Aps<T> => ({
    personAP50: of('person'),
    poleAP30: of('pole'),
  });
  const against = (i: number, budget: number) => {
    const other = contestants.findIndex(
      (contestant) => contestant.policy === 'static' && Math.abs(contestant.budget - budget) < 1e-9,
    );
    if (other < 0 || other === i) return undefined;
    return both((label) =>
      ap[i][label](ones) === null
        ? null
        : bootstrapInterval(blocks, (weights) => {
            const [a, b] = [ap[i][label](weights), ap[other][label](weights)];
            return a === null || b === null ? null : a - b;
          }),
    );
  };
  return contestants.map(({ policy, budget, weights }, i) => ({
    ...(weights ? { weights } : {}),
    ...{ policy, budget, attended: tallies[i].attended / dataset.images.length },
    ...both((label) => ap[i][label](ones)),
    intervals: both((label) =>
      ap[i][label](ones) === null ? null : bootstrapInterval(blocks, ap[i][label]),
    ),
    againstStatic: against(i, budget),
    againstStaticTwice: against(i, 2 * budget),
    ...(sweep.appearance ? { appearance: tallies[i].appearance.figures() } : {}),
  }));
}
