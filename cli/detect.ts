/** `saccadenet detect`: people and poles in pictures and clips, as a summary, JSON lines or annotated pictures. */
import { attendedShare, DEFAULT_BUDGET, POLICIES } from '../src/attention/select.ts';
import { type Command, choiceOption, numberOption, parseOptions, UsageError } from './arguments.ts';
import { BACKEND_NAMES } from './open-session.ts';
import { type DetectedFrame, type DetectSummary, runDetect } from './run-detect.ts';

const HELP = `Usage: saccadenet detect <picture | directory | clip>... [options]

Finds people and poles in JPEG and PNG pictures, in the pictures of a directory, and in .y4m and .mjpeg clips.

  --model F       a .sacc file; default: the shipped model
  --backend B     wasm, reference or webgpu; default wasm
  --budget B      share of blocks that may be attended, 0..1; default ${DEFAULT_BUDGET}
  --policy P      static, saccade or dense; default static for stills, saccade for clips
  --score S       least score of a detection, 0..1; default: the model's own, by label; with --json 0.01
  --video         the pictures of a directory, in name order, are consecutive frames
  --hindsight     of clips: detections of a frame are those that the next one tells of it; they lie better and last
  --no-conditioning  noisy, blocky and flat frames are not treated
  --out DIR       annotated PNGs: boxes, attended blocks tinted (blue 3x3, amber 5x5), skipped ones dimmed
  --json          one JSON line a picture or frame on stdout: { file, frame?, ...result }; attention.gates and
                  attention.priority are arrays of rows
`;

export const command: Command = {
  name: 'detect',
  summary: 'find people and poles in pictures and clips',
  help: HELP,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, {
      model: { type: 'string' },
      backend: { type: 'string' },
      budget: { type: 'string' },
      policy: { type: 'string' },
      score: { type: 'string' },
      video: { type: 'boolean' },
      hindsight: { type: 'boolean' },
      json: { type: 'boolean' },
      'no-conditioning': { type: 'boolean' },
      out: { type: 'string' },
    });
    const options = {
      inputs: positionals,
      model: values.model,
      backend: choiceOption('backend', values.backend, BACKEND_NAMES),
      budget: numberOption('budget', values.budget, { min: 0, max: 1 }),
      policy: choiceOption('policy', values.policy, POLICIES),
      score:
        numberOption('score', values.score, { min: 0, max: 1 }) ?? (values.json ? LEAST_SCORE : undefined),
      video: values.video,
      hindsight: values.hindsight,
      conditioning: values['no-conditioning'] ? false : undefined,
      out: values.out,
      quiet: values.json,
    };
    if (positionals.length === 0)
      throw new UsageError('no picture named; as in saccadenet detect street.jpg');
    const summary = await runDetect({
      ...options,
      onFrame: values.json
        ? (frame) => process.stdout.write(`${jsonLine(frame)}\n`)
        : (frame) => process.stdout.write(`${frameLine(frame)}\n`),
    });
    if (!values.json && summary.frames > 1) process.stdout.write(summaryText(summary));
  },
};

/** What --json looks at where --score is not given. */
const LEAST_SCORE = 0.01;
/** Priorities are printed with as many decimals. */
const PRIORITY_SCALE = 1e4;

const rounded = (value: number) => Math.round(value * PRIORITY_SCALE) / PRIORITY_SCALE;

/** { file, frame?, ...result } with gates and priority as arrays of rows. */
export function jsonLine({ file, frame, result }: DetectedFrame): string {
  const { attention } = result;
  const { columns, rows, gates, priority } = attention;
  const inRows = (values: ArrayLike<number>) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => values[row * columns + column]),
    );
  return JSON.stringify({
    file,
    ...(frame === undefined ? {} : { frame }),
    ...result,
    attention: {
      ...attention,
      gates: inRows(gates),
      ...(priority ? { priority: inRows(Array.from(priority, rounded)) } : {}),
    },
  });
}

/** '3 people, 1 pole' */
export function foundText(found: Readonly<Record<string, number>>): string {
  const parts = Object.entries(found).map(([label, count]) => {
    if (count === 1) return `1 ${label}`;
    return `${count} ${label === 'person' ? 'people' : `${label}s`}`;
  });
  return parts.length > 0 ? parts.join(', ') : 'nothing';
}

function costText(attended: number, macsSaved: number, ms: number): string {
  const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
  return `looked at ${percent(attended)} of blocks, ${percent(macsSaved)} of MACs saved, ${ms.toFixed(0)} ms`;
}

function frameLine({ file, frame, result, picture }: DetectedFrame): string {
  const found: Record<string, number> = {};
  for (const { label } of result.detections) found[label] = (found[label] ?? 0) + 1;
  const { attention, detail, dense } = result.macs;
  const cost = costText(
    attendedShare(result.attention.gates),
    1 - (attention + detail) / dense,
    result.timings.totalMs,
  );
  const where = `${file}${frame === undefined ? '' : ` frame ${frame}`}`;
  const treated = result.treatment ? '; treated, since it is noisy, blocky or flat' : '';
  return `${where}: ${foundText(found)}; ${cost}${treated}${picture === undefined ? '' : ` -> ${picture}`}`;
}

function summaryText(summary: DetectSummary): string {
  const cost = costText(summary.attended, summary.macsSaved, summary.msPerFrame);
  return `${summary.frames} frames on ${summary.backend}: ${foundText(summary.found)}; ${cost} a frame\n`;
}
