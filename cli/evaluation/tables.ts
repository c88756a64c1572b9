/** The figures of an evaluation as tables for people. */
import type { Interval } from '../../train/metrics/bootstrap.ts';
import type { Flicker } from '../../train/metrics/flicker.ts';
import type { CorruptionFigures, CorruptionScores } from '../../train/metrics/pool-corruption.ts';
import type { PooledDiagnosis } from '../../train/metrics/pool-diagnosis.ts';
import type { ModelScores } from '../../train/metrics/pool-scores.ts';
import type { Difference } from '../../train/metrics/score-intervals.ts';
import type { Comparison, Evaluation, FoldScores } from './run.ts';
import type { SweepRow } from './sweep.ts';

type Row = readonly (string | number)[];

export function evaluationTables(evaluation: Evaluation): string {
  const { folds, against, diagnosis, corruption, flicker } = evaluation;
  return [
    scoreTable(evaluation),
    ...(folds ? [foldTable(folds)] : []),
    ...(against ? [againstTable(evaluation, against)] : []),
    ...Object.entries(diagnosis ?? {}).map(([label, own]) => diagnosisTable(label, own)),
    ...(corruption ? [corruptionTable(corruption)] : []),
    ...(flicker ? [flickerTable(evaluation, flicker)] : []),
  ].join('\n');
}

function scoreTable(scores: Evaluation): string {
  const { intervals, sparseLoss } = scores;
  const between = (interval: Interval | null | undefined) =>
    interval ? `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}` : '';
  const text = table([
    ['', 'person', 'pole', 'person, 95%', 'pole, 95%'],
    ['ground truth', scores.persons, scores.poles],
    [
      ...['AP (person IoU 0.5, pole 0.3)', share(scores.personAP50), share(scores.poleAP30)],
      ...[between(intervals.personAP50), between(intervals.poleAP30)],
    ],
    [
      ...['AP lost to sparsity', share(sparseLoss?.personAP50), share(sparseLoss?.poleAP30)],
      ...[between(intervals.sparseLoss?.personAP50), between(intervals.sparseLoss?.poleAP30)],
    ],
    ["F1 at the model's threshold", share(scores.personF1), share(scores.poleF1)],
    ['called the other name', share(scores.personCalledPole), share(scores.poleCalledPerson)],
    ['pixels in attended blocks', share(scores.personPixelRecall), share(scores.polePixelRecall)],
    ['instances in attended blocks', share(scores.personInstanceRecall), share(scores.poleInstanceRecall)],
    ['pixel IoU', share(scores.personIoU), share(scores.poleIoU)],
    ['median edge error, px', '', scores.poleEdgePx === null ? '-' : scores.poleEdgePx.toFixed(2)],
  ]);
  return `${text}
${scores.images} images; looked at ${percent(scores.attended)} of the blocks (${percent(scores.fiveByFive)} with 5x5 kernels)
${scores.gmacs.toFixed(3)} GMAC a frame, ${percent(scores.macsShare)} of the dense network's
95%: ${intervals.blocks} ${intervals.unit}, drawn ${intervals.resamples} times
`;
}

function foldTable(folds: readonly FoldScores[]): string {
  return table([
    ['fold', 'images', 'person AP', 'pole AP', 'person loss', 'pole loss', 'looked at', 'GMAC'],
    ...folds.map((fold) => [
      `${fold.model} on ${fold.sequences.join('+')}`,
      fold.images,
      ...[share(fold.personAP50), share(fold.poleAP30)],
      ...[share(fold.sparseLoss?.personAP50), share(fold.sparseLoss?.poleAP30)],
      ...[percent(fold.attended), fold.gmacs.toFixed(3)],
    ]),
  ]);
}

function againstTable(own: ModelScores, other: Comparison): string {
  const row = (what: string, a: number | null, b: number | null, { value, interval }: Difference): Row => [
    ...[what, share(a), share(b), signed(value)],
    interval ? `${signed(interval[0])} to ${signed(interval[1])}` : '-',
  ];
  const { difference, corruption } = other;
  const ownCorruption = (own as Evaluation).corruption;
  return table([
    ['against', 'this', 'other', 'difference', '95%'],
    row('person AP', own.personAP50, other.personAP50, difference.personAP50),
    row('pole AP', own.poleAP30, other.poleAP30, difference.poleAP30),
    ...(difference.mPC && corruption && ownCorruption
      ? [
          row('person mPC', ownCorruption.mPC.person, corruption.mPC.person, difference.mPC.person),
          row('pole mPC', ownCorruption.mPC.pole, corruption.mPC.pole, difference.mPC.pole),
        ]
      : []),
    ['blocks looked at', percent(own.attended), percent(other.attended), ''],
    ['GMAC a frame', own.gmacs.toFixed(3), other.gmacs.toFixed(3), ''],
  ]);
}

function diagnosisTable(label: string, diagnosis: PooledDiagnosis): string {
  const count = ([what, value]: [string, number]): Row => [`  ${what}`, value];
  const total = (counts: Record<string, number>) =>
    Object.values(counts).reduce((sum, value) => sum + value, 0);
  const { at, gains, misses, falseAlarms, scenes, sizes, edges } = diagnosis;
  return [
    table([
      [`${label}: at IoU`, ...Object.keys(at)],
      ['  AP', ...Object.values(at).map(({ ap }) => share(ap))],
      ['  recall from score 0.01', ...Object.values(at).map(({ recall }) => share(recall))],
    ]),
    table([
      ['AP gained without', ''],
      ...Object.entries(gains).map(([what, gain]) => [`  ${what}`, signed(gain)]),
    ]),
    table([[`missed at the threshold`, total(misses)], ...Object.entries(misses).map(count)]),
    table([['false alarms at the threshold', total(falseAlarms)], ...Object.entries(falseAlarms).map(count)]),
    table([['background under them', total(scenes)], ...Object.entries(scenes).map(count)]),
    table([
      ['height, px', 'things', 'hit'],
      ...Object.entries(sizes).map(([size, { truths, hits }]) => [`  ${size}`, truths, hits]),
    ]),
    table([
      ['edges, share of width or height', 'median', 'median size'],
      ...Object.entries(edges).map(([edge, own]) => [`  ${edge}`, signed(own.median), share(own.medianSize)]),
    ]),
  ].join('\n');
}

function corruptionTable(scores: CorruptionScores): string {
  const row = (what: string, own: CorruptionFigures): Row => [
    what,
    ...[share(own.mPC.person), share(own.rPC.person), share(own.mPC.pole), share(own.rPC.pole)],
    ...[share(own.maskIoU), share(own.attentionRecallKept)],
  ];
  return table([
    ['corruption', 'person mPC', 'rPC', 'pole mPC', 'rPC', 'mask IoU', 'recall kept'],
    ...Object.entries(scores.kinds).map(([kind, own]) => row(kind, own)),
    row('all', scores),
    ...(scores.trained ? [row('kinds that training may use', scores.trained)] : []),
    ...(scores.testedOnly ? [row('kinds that it never uses', scores.testedOnly)] : []),
  ]);
}

function flickerTable(
  { flickerSingle = {}, flickerHindsight = {}, flickerKnownMotion = {} }: Evaluation,
  tracked: NonNullable<Evaluation['flicker']>,
): string {
  const rows: readonly [string, keyof Flicker, number][] = [
    ['boxes found', 'trackedShare', 3],
    ['fragments a track', 'fragmentsPerTrack', 2],
    ['fragments a 100 frames', 'fragmentsPer100Frames', 2],
    ['centre jitter, px', 'centerJitterPx', 2],
    ['height jitter, %', 'heightJitterPct', 1],
    ['from frame to frame: centre, px', 'centerShakePx', 2],
    ['from frame to frame: height, %', 'heightShakePct', 1],
    ['lag, frames', 'lagFrames', 2],
    ['found after, frames', 'birthFrames', 1],
    ['false alarms a frame', 'falseAlarms', 2],
  ];
  return Object.keys(tracked)
    .map((label) =>
      table([
        [
          `${label}: ${tracked[label].tracks} tracks`,
          'single frames',
          'tracks',
          'change',
          'hindsight',
          'change',
          'motion known',
          '',
        ],
        ...rows.map(([what, key, digits]): Row => {
          const single = flickerSingle[label]?.[key] ?? null;
          const beside = (value: number | null | undefined) =>
            single !== null && single > 0 && value != null ? percent(value / single - 1) : '';
          const shown = (value: number | null | undefined) => value?.toFixed(digits) ?? '-';
          const known =
            key === 'centerJitterPx' || key === 'heightJitterPct'
              ? flickerKnownMotion[label]?.[key]
              : undefined;
          const own = tracked[label][key];
          const bound = known == null ? [] : [shown(known), beside(known)];
          const late = flickerHindsight[label]?.[key];
          return [`  ${what}`, shown(single), shown(own), beside(own), shown(late), beside(late), ...bound];
        }),
      ]),
    )
    .join('\n');
}

function weightsText(weights: object): string {
  return Object.entries(weights)
    .map(([name, value]) => `${name} ${value}`)
    .join(' ');
}

/** Policies against budgets; differences to single frames with their 95% intervals. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const between = (interval: Interval | null | undefined) =>
    interval ? `${signed(interval[0])} to ${signed(interval[1])}` : '';
  const appearance = rows.some((row) => row.appearance);
  return table([
    [
      ...['budget', 'policy', 'looked at', 'person AP', 'pole AP'],
      ...['person, to static', 'pole, to static', 'person, to static twice', 'pole, to static twice'],
      ...(appearance ? ['appearing: clips', 'attended', 'after frames'] : []),
    ],
    ...rows.map(
      (row): Row => [
        ...[
          percent(row.budget),
          row.weights ? weightsText(row.weights) : row.policy,
          percent(row.attended),
          share(row.personAP50),
          share(row.poleAP30),
        ],
        ...[between(row.againstStatic?.personAP50), between(row.againstStatic?.poleAP30)],
        ...[between(row.againstStaticTwice?.personAP50), between(row.againstStaticTwice?.poleAP30)],
        ...(row.appearance
          ? [row.appearance.clips, share(row.appearance.share), row.appearance.meanFrames?.toFixed(2) ?? '-']
          : []),
      ],
    ),
  ]);
}

/** The first column to the left, the others to the right. */
function table(rows: readonly Row[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, String(cell).length);
    });
  }
  const line = (row: Row) =>
    row
      .map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i] + 2)))
      .join('')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(3);
}

function signed(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
