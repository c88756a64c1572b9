/** `saccadenet bench`: how fast this machine runs the network, beside peers. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { reportCsv } from '../bench/output/csv.ts';
import { reportMarkdown } from '../bench/output/markdown.ts';
import type { BenchHost } from '../bench/peers/index.ts';
import { type BenchPlan, DEFAULT_SHARES } from '../bench/plan.ts';
import type { BenchReport, Machine } from '../bench/report.ts';
import { type BenchEvents, runBench } from '../bench/run-bench.ts';
import { peopleVsPoles } from '../src/network/people-vs-poles.ts';
import { randomModel } from '../train/random-model.ts';
import {
  type Command,
  choiceOption,
  listOption,
  noPositionals,
  numberOption,
  parseOptions,
  sizeOption,
  UsageError,
} from './arguments.ts';
import { writeBytes } from './model-files.ts';
import { DEFAULT_MODEL_FILE, loadModelFile } from './open-session.ts';
import { createProgress } from './progress.ts';

/** Of the weights where no model ships. */
const WEIGHTS_SEED = 1;
const BACKENDS = ['wasm', 'webgpu'] as const;
const HOSTS = ['node', 'chromium'] as const;

const OPTIONS = {
  model: { type: 'string' },
  backend: { type: 'string' },
  host: { type: 'string' },
  peers: { type: 'boolean' },
  rounds: { type: 'string' },
  shares: { type: 'string' },
  size: { type: 'string' },
  csv: { type: 'string' },
  picture: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const command: Command = {
  name: 'bench',
  summary: 'measure speed, beside peers',
  help: `Usage: saccadenet bench [--peers] [--backend wasm|webgpu] [--csv FILE] [--picture FILE.svg] [--json]

Times whole frames, from RGBA in memory to detections, against the share of blocks attended; our own dense path and
the peers run in turn with them, on the same frames. Then three resolutions at an equal number of attended blocks.

  --peers        also run onnxruntime-web, tfjs and LiteRT.js on the identical dense network; each timed without the
                 making of its input tensor, its outputs compared with ours
  --backend B    wasm (default; one thread, 480x360) or webgpu (960x720; 192x144 where the GPU is emulated)
  --host H       node or chromium: where all of it runs. Default: Node; for webgpu Node where Dawn (npm webgpu) finds
                 a GPU, else headless Chromium on its software adapter. Some peers run in Chromium only
  --shares A,B   shares of the blocks, 0..1 (default ${DEFAULT_SHARES.join(',')})
  --size WxH     frame, in place of the backend's own
  --rounds N     timed rounds; every contender runs once a round (default 30 on wasm, 100 on a GPU, 8 on an emulated one)
  --model F      .sacc file (default: the shipped model; seeded random weights where there is none)
  --csv FILE     writes the report as CSV, the GPU's name in it
  --picture FILE draws cost against attention, with the line of the MACs, as SVG
  --json         machine-readable output

A share attends as many blocks as it says, the frame's own choice of them; 5x5 kernels where the model asks for them, at
100% 3x3 in every block. 'realised' is the speed-up over our dense path divided by the ratio of the executed MACs.
Figures of two machines compare only beside the yardsticks of the same run: a SIMD matrix product in wasm, on a GPU
also a copy and a multiply-add kernel.
`,
  async run(argv) {
    const { values, positionals } = parseOptions(argv, OPTIONS);
    noPositionals(positionals);
    const backend = choiceOption('backend', values.backend, BACKENDS) ?? 'wasm';
    const host = choiceOption('host', values.host, HOSTS);
    const rounds = numberOption('rounds', values.rounds, { min: 1, max: 10_000, integer: true });
    const shares = shareList(values.shares);
    const size = sizeOption('size', values.size);
    if (values.picture !== undefined && !values.picture.endsWith('.svg')) {
      throw new UsageError(`--picture writes SVG; name a file that ends in .svg, not '${values.picture}'`);
    }
    const file = values.model ?? (existsSync(DEFAULT_MODEL_FILE) ? DEFAULT_MODEL_FILE : undefined);
    const model = file === undefined ? randomModel(peopleVsPoles(), WEIGHTS_SEED) : await loadModelFile(file);
    const plan = {
      version: packageVersion(),
      model,
      weights: values.model ?? (file === undefined ? 'seeded random' : 'models/people-vs-poles.sacc'),
      backend,
      peers: values.peers ?? false,
      rounds,
      shares,
      size,
    };
    let progress: ReturnType<typeof createProgress> | undefined;
    const report = await runOnHost(plan, host, {
      onProgress: (done, total, note) => {
        progress ??= createProgress('bench', total, { quiet: values.json });
        progress.update(done, note);
      },
    }).finally(() => progress?.end());
    if (values.csv !== undefined) writeText(values.csv, reportCsv(report));
    if (values.picture !== undefined) {
      const { drawCurve } = await import('../bench/output/picture.ts');
      writeText(values.picture, drawCurve(report));
    }
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportMarkdown(report));
  },
};

/** @throws where the host asked for cannot run the backend */
async function runOnHost(
  plan: Omit<BenchPlan, 'host'>,
  host: BenchHost | undefined,
  events: BenchEvents,
): Promise<BenchReport> {
  if (plan.backend === 'wasm') {
    return host === 'chromium'
      ? inChromium(plan, events, true)
      : runBench({ ...plan, host: 'node' }, machine(), events);
  }
  const { openDawn } = await import('../bench/hosts/dawn.ts');
  const dawn = await openDawn();
  if (dawn.reason === undefined && host !== 'chromium') {
    return runBench({ ...plan, host: 'node' }, machine(), events);
  }
  if (host === 'node') throw new Error(`${dawn.reason}; without --host the benchmark runs in Chromium`);
  return inChromium(plan, events, dawn.software);
}

async function inChromium(
  plan: Omit<BenchPlan, 'host'>,
  events: BenchEvents,
  softwareGpu: boolean,
): Promise<BenchReport> {
  const { benchInChromium } = await import('../bench/hosts/chromium.ts');
  return benchInChromium({ ...plan, host: 'chromium' }, machine(), softwareGpu, events);
}

/** @throws UsageError where one is no share */
function shareList(text: string | undefined): number[] | undefined {
  return listOption('shares', text)?.map((one) => numberOption('shares', one, { min: 0, max: 1 })!);
}

function writeText(file: string, text: string): void {
  writeBytes(file, new TextEncoder().encode(text));
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function machine(): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
