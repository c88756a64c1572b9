/** `saccadenet evaluate`: every metric of a model on a labelled set. The metrics live in train/metrics. */
import { DEFAULT_BUDGET, POLICIES } from '../src/attention/select.ts';
import { openDataset } from '../train/data/dataset.ts';
import { BASELINE_POLICIES } from '../train/metrics/baseline-gates.ts';
import type { ModelScores } from '../train/metrics/pool-scores.ts';
import { scoreModel } from '../train/metrics/score-model.ts';
import {
  type Command,
  choiceOption,
  listOption,
  noPositionals,
  numberOption,
  parseOptions,
  requiredOption,
  UsageError,
} from './arguments.ts';
import { BACKEND_NAMES, loadModelFile, openBackend } from './open-session.ts';
import { createProgress } from './progress.ts';

const HELP = `Usage: saccadenet evaluate --data DIR [options]

Scores a model on labelled frames: DIR holds annotations.json (COCO), images/ and, optional, masks/.

  --data DIR               the labelled set
  --sequences A,B          only these sequences
  --exclude-sequences A,B  all sequences but these
  --model F                a .sacc file; default: the shipped model
  --budget B               share of blocks that may be attended, 0..1; default ${DEFAULT_BUDGET}
  --policy P               static, saccade, dense: as the network is used; random, centre, motion, oracle: blocks
                           chosen without the attention network, for comparison; default static
  --backend B              wasm, reference or webgpu; default wasm
  --max-images N           at most N images, spread evenly over the set
  --json                   all figures as one JSON object on stdout

What the figures mean
  personAP50, poleAP30     COCO average precision at IoU 0.5 (person) and 0.3 (pole shafts, widened to 8 px)
  personF1, poleF1         at the thresholds stored in the model
  poleEdgePx               median error of the left and right edges of matched poles, px
  personCalledPole, ...    of the things that were hit, the share called by the other name
  attended, fiveByFive     mean share of all blocks that was looked at, and that took the 5x5 branch
  ...PixelRecall           share of the class's mask pixels that lie in attended blocks
  ...InstanceRecall        share of the things with at least half their pixels in attended blocks
  personIoU, poleIoU       pixel IoU of the detail network's cell map
  macsShare, gmacs         MACs of a frame against the dense network's; MACs of a frame in 1e9
  sparseLoss               AP with every block attended, minus AP as scored
A figure is null where the set does not label the class. bestF1 is for choosing thresholds, not a score.
`;

const POLICY_NAMES = [...POLICIES, ...BASELINE_POLICIES];

export const command: Command = {
  name: 'evaluate',
  summary: 'score a model on labelled frames',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      data: { type: 'string' },
      sequences: { type: 'string' },
      'exclude-sequences': { type: 'string' },
      model: { type: 'string' },
      budget: { type: 'string' },
      policy: { type: 'string' },
      backend: { type: 'string' },
      'max-images': { type: 'string' },
      corruptions: { type: 'boolean' },
      video: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    noPositionals(positionals);
    for (const name of ['corruptions', 'video'] as const) {
      if (values[name]) throw new UsageError(`--${name} is not built yet; leave it away`);
    }
    const budget = numberOption('budget', values.budget, { min: 0, max: 1 });
    const policy = choiceOption('policy', values.policy, POLICY_NAMES);
    const backendName = choiceOption('backend', values.backend, BACKEND_NAMES);
    const maxImages = numberOption('max-images', values['max-images'], { min: 1, integer: true });
    const sequences = listOption('sequences', values.sequences);
    const excludeSequences = listOption('exclude-sequences', values['exclude-sequences']);
    const directory = requiredOption('data', values.data, 'saccadenet evaluate --data DIR');

    const dataset = openDataset(directory, { sequences, excludeSequences });
    const model = await loadModelFile(values.model);
    const backend = await openBackend(backendName);
    const total = Math.min(dataset.images.length, maxImages ?? Infinity);
    const progress = createProgress('evaluate', total, { quiet: values.json });
    let scores: ModelScores;
    try {
      scores = await scoreModel(model, dataset, {
        ...{ backend, budget, policy, maxImages, sparseLoss: true },
        onProgress: (done) => progress.update(done),
      });
    } finally {
      progress.end();
    }
    process.stdout.write(values.json ? `${JSON.stringify(scores, null, 2)}\n` : scoreTable(scores));
  },
};

/** The figures as a table for people. */
export function scoreTable(scores: ModelScores): string {
  const share = (value: number | null | undefined) =>
    value === null || value === undefined ? '-' : value.toFixed(3);
  const rows: [what: string, person: string, pole: string][] = [
    ['', 'person', 'pole'],
    ['ground truth', String(scores.persons), String(scores.poles)],
    ['AP (person IoU 0.5, pole 0.3)', share(scores.personAP50), share(scores.poleAP30)],
    ['AP lost to sparsity', share(scores.sparseLoss?.personAP50), share(scores.sparseLoss?.poleAP30)],
    ["F1 at the model's threshold", share(scores.personF1), share(scores.poleF1)],
    ['called the other name', share(scores.personCalledPole), share(scores.poleCalledPerson)],
    ['pixels in attended blocks', share(scores.personPixelRecall), share(scores.polePixelRecall)],
    ['instances in attended blocks', share(scores.personInstanceRecall), share(scores.poleInstanceRecall)],
    ['pixel IoU', share(scores.personIoU), share(scores.poleIoU)],
    ['median edge error, px', '', scores.poleEdgePx === null ? '-' : scores.poleEdgePx.toFixed(2)],
  ];
  const lines = rows.map(
    ([what, person, pole]) => `${what.padEnd(31)}${person.padStart(8)}${pole.padStart(8)}`,
  );
  const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
  return `${lines.join('\n')}

${scores.images} images; looked at ${percent(scores.attended)} of the blocks (${percent(scores.fiveByFive)} with 5x5 kernels)
${scores.gmacs.toFixed(3)} GMAC a frame, ${percent(scores.macsShare)} of the dense network's
`;
}
