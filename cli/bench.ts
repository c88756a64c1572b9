/** `saccadenet bench`: how fast this machine runs the network, beside peers. */
import { existsSync } from 'node:fs';
import { type BenchReport, runBench } from '../bench/run-bench.ts';
import { peopleVsPoles } from '../src/network/people-vs-poles.ts';
import { randomModel } from '../train/random-model.ts';
import { type Command, noPositionals, numberOption, parseOptions } from './arguments.ts';
import { DEFAULT_MODEL_FILE, loadModelFile } from './open-session.ts';
import { createProgress } from './progress.ts';

const DEFAULT_ROUNDS = 15;
/** Of the weights where no model ships. */
const WEIGHTS_SEED = 1;

const OPTIONS = {
  model: { type: 'string' },
  peers: { type: 'boolean' },
  rounds: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const command: Command = {
  name: 'bench',
  summary: 'measure speed, beside peers',
  help: `Usage: saccadenet bench [--peers] [--json]

Times whole detections of seeded 480x360 frames on the wasm backend.

  --peers      also run onnxruntime-web (wasm, one thread) on the identical dense network, in turn with ours
  --model F    .sacc file (default: the shipped model; seeded random weights where there is none)
  --rounds N   timed rounds (default ${DEFAULT_ROUNDS}); every contender runs once a round
  --json       machine-readable output

Ours is timed from RGBA to detections; a peer is timed without the making of its input tensor. 'static' attends
as many blocks as the default budget allows, whatever the frame. gemmGflops is a plain SIMD matrix product of the
same run: figures of two machines compare only beside it.
`,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, OPTIONS);
    noPositionals(positionals);
    const rounds =
      numberOption('rounds', values.rounds, { min: 1, max: 10_000, integer: true }) ?? DEFAULT_ROUNDS;
    const file = values.model ?? (existsSync(DEFAULT_MODEL_FILE) ? DEFAULT_MODEL_FILE : undefined);
    const model = file === undefined ? randomModel(peopleVsPoles(), WEIGHTS_SEED) : await loadModelFile(file);
    let progress: ReturnType<typeof createProgress> | undefined;
    const report = await runBench({
      model,
      weights: values.model ?? (file === undefined ? 'seeded random' : 'models/people-vs-poles.sacc'),
      peers: values.peers ?? false,
      rounds,
      onRound: (done, total) => {
        progress ??= createProgress('bench', total, { quiet: values.json });
        progress.update(done);
      },
    });
    progress?.end();
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report));
  },
};

function reportText(report: BenchReport): string {
  const { frame, machine, ours, peers, ratios } = report;
  const ms = (entry: Record<string, unknown>) =>
    `${fixed(entry.msMedian, 1)} ms (p10 ${fixed(entry.msP10, 1)}, p90 ${fixed(entry.msP90, 1)}), ${fixed(entry.gmacs, 3)} GMAC`;
  const lines = [
    `${frame.width}x${frame.height}, weights: ${report.weights}, ${report.rounds} rounds`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; SIMD GEMM ${fixed(report.gemmGflops, 1)} GFLOP/s`,
    ...ours.map(
      (one) =>
        `saccadenet ${one.backend} ${one.policy}, ${fixed(100 * Number(one.attended), 1)} % of blocks: ${ms(one)}, ${fixed(one.fps, 1)} fps`,
    ),
    ...peers.map(
      (one) => `${one.name} ${one.version} ${one.backend}, ${one.threads} thread, dense: ${ms(one)}`,
    ),
    ...Object.entries(ratios).map(
      ([name, { median, p10, p90 }]) =>
        `${name}: ${fixed(median, 3)} (p10 ${fixed(p10, 3)}, p90 ${fixed(p90, 3)})`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function fixed(value: unknown, digits: number): string {
  return Number(value).toFixed(digits);
}
