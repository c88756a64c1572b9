/**
 * `node tools/run-typescript.mjs bench/blocks/run.ts [--data FOLDER] [--frames N] [--rounds N]`: what a halo costs and what blocks of 8,
 * 16 and 32 px cost, with the wasm kernels, as two tables. Frames are procedural streets, or those of a data set; all
 * choices run in turn on each frame, ratios are of the same frame and round, milliseconds are processor time.
 */
import { parseArgs } from 'node:util';
import { detailMacs } from '../../src/network/geometry.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { IGNORED_PIXEL, readPicture } from '../../train/data/instances.ts';
import { greatestGates } from '../../train/metrics/baseline-gates.ts';
import { seededRandom } from '../../train/random.ts';
import { randomModel } from '../../train/random-model.ts';
import { renderScene } from '../../train/scenes/index.ts';
import { median } from '../statistics.ts';
import { type Halo, HaloBench } from './halo.ts';
import { haloMacs } from './halo-macs.ts';
import { covered, objectPixels, refine, SIDES, SizeBench, type Street } from './sizes.ts';

const SIZE = { width: 480, height: 352 };
const BUDGETS = [0.05, 0.1, 0.2, 0.25, 0.5];
const HALOS: readonly Halo[] = ['shared', 'ring', 'alone'];
const FIRST_SEED = 500;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { data: { type: 'string' }, frames: { type: 'string' }, rounds: { type: 'string' } },
});
const streets = streetsOf(values.data, Number(values.frames ?? 8));
const rounds = Number(values.rounds ?? 5);
console.log(
  `${streets.length} frames of ${SIZE.width}x${SIZE.height}, ${rounds} rounds, ${values.data ? 'photographed' : 'procedural'} streets\n`,
);
await halos();
await sizes();

/** Blocks spread as attention spreads them: those with most object pixels, then their neighbourhood. */
function gatesOf(street: Street, budget: number): Uint8Array {
  const spec = peopleVsPoles();
  const pixels = objectPixels(street, spec.block);
  const columns = SIZE.width / spec.block;
  const near = pixels.map((own, block) => {
    let sum = 0;
    for (const step of [-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1]) {
      sum += pixels[block + step] ?? 0;
    }
    return own + 1e-3 * sum + 1e-9 * (pixels.length - Math.abs(block - pixels.length / 2));
  });
  return greatestGates(near, budget);
}

async function halos(): Promise<void> {
  const bench = await HaloBench.create(randomModel(peopleVsPoles(), 1), SIZE);
  const rows: string[][] = [
    ['halo, ms of the detail network over shared', ...BUDGETS.map((budget) => `${100 * budget}%`)],
  ];
  const times = new Map<string, number[]>();
  const add = (key: string, value: number) => times.set(key, [...(times.get(key) ?? []), value]);
  for (let round = -1; round < rounds; round++) {
    for (const street of streets) {
      for (const budget of BUDGETS) {
        const gates = gatesOf(street, budget);
        const ms = Object.fromEntries(HALOS.map((halo) => [halo, bench.run(halo, gates)])) as Record<
          Halo,
          number
        >;
        if (round < 0) continue;
        add(`ms ${budget}`, ms.shared);
        for (const halo of HALOS) add(`${halo} ${budget}`, ms[halo] / ms.shared);
        if (round > 0) continue;
        const spec = peopleVsPoles();
        const macs = (halo: Halo) => haloMacs(spec, SIZE, gates, halo);
        for (const halo of HALOS) add(`${halo} macs ${budget}`, macs(halo) / macs('shared'));
      }
    }
  }
  rows.push(['shared, ms', ...BUDGETS.map((budget) => median(times.get(`ms ${budget}`)!).toFixed(2))]);
  for (const halo of HALOS) {
    rows.push([halo, ...BUDGETS.map((budget) => median(times.get(`${halo} ${budget}`)!).toFixed(2))]);
  }
  for (const halo of HALOS.slice(1)) {
    const ratio = (budget: number) => median(times.get(`${halo} macs ${budget}`)!).toFixed(2);
    rows.push([`${halo}, multiply-accumulates`, ...BUDGETS.map(ratio)]);
  }
  print(rows);
}

async function sizes(): Promise<void> {
  const benches = await Promise.all(SIDES.map((side) => SizeBench.create(side)));
  const times = new Map<string, number[]>();
  const add = (key: string, value: number) => times.set(key, [...(times.get(key) ?? []), value]);
  const random = seededRandom(1);
  for (let round = -1; round < rounds; round++) {
    for (const street of streets) {
      const coarse = Uint8Array.from({ length: (SIZE.width * SIZE.height) / 32 ** 2 }, () =>
        Number(random() < 0.1),
      );
      for (const [i, side] of SIDES.entries()) {
        const pixels = objectPixels(street, side);
        const holding = Uint8Array.from(pixels, (count) => Number(count > 0));
        const glanceMs = await benches[i].glance(street.frame);
        const same = await benches[i].inspect(refine(coarse, SIZE, 32, side));
        const objects = await benches[i].inspect(holding);
        if (round < 0) continue;
        add(`attention ${side}`, glanceMs);
        if (same.macs > 0) add(`same ${side}`, (same.ms / same.macs) * 1e8);
        add(`objects ${side}`, objects.ms);
        add(`both ${side}`, glanceMs + objects.ms);
        add(`macs ${side}`, detailMacs(benches[i].spec, SIZE, holding) / 1e6);
        add(`share ${side}`, (100 * holding.filter(Boolean).length) / holding.length);
        for (const budget of [0.05, 0.1, 0.2])
          add(`covered ${budget} ${side}`, 100 * covered(pixels, budget));
      }
    }
  }
  const row = (name: string, key: (side: number) => string, digits = 2) => [
    name,
    ...SIDES.map((side) => median(times.get(key(side))!).toFixed(digits)),
  ];
  print([
    ['block, px', ...SIDES.map(String)],
    row('detail, ms for 100 MMAC, the same part of the frame', (side) => `same ${side}`),
    row('blocks with people and poles, % of the frame', (side) => `share ${side}`, 1),
    row('detail on these, MMAC', (side) => `macs ${side}`, 1),
    row('detail on these, ms', (side) => `objects ${side}`),
    row('attention, ms', (side) => `attention ${side}`),
    row('both, ms', (side) => `both ${side}`),
    ...[0.05, 0.1, 0.2].map((budget) =>
      row(
        `their pixels in the best ${100 * budget}% of the frame, %`,
        (side) => `covered ${budget} ${side}`,
        1,
      ),
    ),
  ]);
}

function streetsOf(folder: string | undefined, count: number): Street[] {
  if (folder === undefined) {
    return Array.from({ length: count }, (_, i) => {
      const { frame, mask } = renderScene(FIRST_SEED + i, SIZE);
      return { frame, mask: mask.map((value) => Number(value === 1 || value === 2)) };
    });
  }
  const data = openDataset(folder);
  const every = Math.max(1, Math.floor(data.images.length / count));
  return data.images
    .filter((_, i) => i % every === 0)
    .slice(0, count)
    .map((image) => {
      const { width, rgb, instances } = readPicture(data, image, ['person', 'pole']);
      const frame = { ...SIZE, data: new Uint8ClampedArray(4 * SIZE.width * SIZE.height) };
      const mask = new Uint8Array(SIZE.width * SIZE.height);
      for (let at = 0; at < mask.length; at++) {
        const from = Math.floor(at / SIZE.width) * width + (at % SIZE.width);
        mask[at] = Number(instances[from] > 0 && instances[from] !== IGNORED_PIXEL);
        for (let c = 0; c < 3; c++) frame.data[4 * at + c] = rgb[3 * from + c];
      }
      return { frame, mask };
    });
}

function print([head, ...rows]: readonly string[][]): void {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n'));
}
