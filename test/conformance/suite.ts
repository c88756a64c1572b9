/**
 * The conformance suite: what every backend must do, by the same small seeded networks and frames. Runs in Node and
 * in a browser (imports nothing of Node). The reference is the oracle, test/conformance/dense.ts the oracle's.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectGates } from '../../src/attention/select.ts';
import type { Backend, Executor, PixelFrame } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { blockGrid, detailMacs, type Size } from '../../src/network/geometry.ts';
import { sigmoid } from '../../src/network/logistic.ts';
import type { Model, NetworkSpec } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { expectClose, expectSameMaps } from './compare.ts';
import { denseMaps } from './dense.ts';
import { COARSE_NET, EVEN_NET, FINE_NET, GENE_NET, ODD_NET } from './nets.ts';
import { randomFrame, randomGates } from './random.ts';

export interface ConformanceOptions {
  /** Further models to compare, with the working size to do it at: the shipped one, say. */
  readonly models?: readonly { readonly name: string; readonly model: Model; readonly size: Size }[];
  /** Milliseconds a test may take; the software GPU is slow. */
  readonly timeoutMs?: number;
  /** False leaves out refusals and disposal: for the training graph, which is no backend of the package. */
  readonly interface?: boolean;
}

/** Width and height: odd, whole blocks, one block, less than a block, one row of blocks. */
const SIZES: readonly Size[] = [
  { width: 50, height: 37 },
  { width: 64, height: 48 },
  { width: 16, height: 16 },
  { width: 5, height: 7 },
  { width: 97, height: 13 },
];

const NETS: readonly [string, NetworkSpec][] = [
  ['even', EVEN_NET],
  ['odd', ODD_NET],
  ['fine', FINE_NET],
  ['coarse', COARSE_NET],
  ['genes', GENE_NET],
];

const GATES: readonly [string, readonly number[]][] = [
  ['all 0', [0]],
  ['all 1', [1]],
  ['all 2', [2]],
  ['mixed', [0, 1, 2]],
];

function blockCount(spec: NetworkSpec, frame: Size): number {
  const { columns, rows } = blockGrid(spec, frame);
  return columns * rows;
}

/** Pixels that no attended block's first layer reads get new values. */
function changeUnseen(spec: NetworkSpec, frame: PixelFrame, gates: Uint8Array, seed: number): PixelFrame {
  const { columns } = blockGrid(spec, frame);
  const pad = (spec.detail.stem[0].kernel - 1) / 2;
  const other = randomFrame(frame, seed);
  const data = frame.data.slice();
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const seen = gates.some((gate, block) => {
        const left = (block % columns) * spec.block - pad;
        const top = Math.floor(block / columns) * spec.block - pad;
        const side = spec.block + 2 * pad;
        return gate > 0 && x >= left && x < left + side && y >= top && y < top + side;
      });
      const at = (y * frame.width + x) * 4;
      if (!seen) data.set(other.data.subarray(at, at + 4), at);
    }
  }
  return { ...frame, data };
}

/** Runs the suite on the backend that `createBackend` makes. */
export function conformanceSuite(createBackend: () => Backend, options: ConformanceOptions = {}): void {
  const timeout = options.timeoutMs ?? 30_000;
  const cases = NETS.map(([name, spec], index) => ({
    name,
    model: randomModel(spec, 100 + index),
    sizes: SIZES,
  }));
  const extra = (options.models ?? []).map(({ name, model, size }) => ({ name, model, sizes: [size] }));

  describe.each([...cases, ...extra])('conformance: $name', ({ model, sizes }) => {
    const spec = model.network;
    let actual: Executor;
    let reference: Executor;

    beforeAll(async () => {
      const backend = createBackend();
      expect(await backend.unavailable()).toBeNull();
      actual = await backend.load(model);
      reference = await referenceBackend().load(model);
    }, timeout);
    afterAll(() => {
      actual?.dispose();
      reference?.dispose();
    });

    async function compareGlance(frame: PixelFrame): Promise<void> {
      await actual.upload(frame);
      await reference.upload(frame);
      const a = await actual.glance();
      const b = await reference.glance();
      expect([a.columns, a.rows]).toEqual([b.columns, b.rows]);
      expectClose('look', a.look, b.look);
      expectClose('five', a.five, b.five);
      expectClose('input', (await actual.read('input')).data, (await reference.read('input')).data);
    }

    async function compareInspect(frame: Size, gates: Uint8Array): Promise<void> {
      const a = await actual.inspect(gates);
      const b = await reference.inspect(gates);
      expect([...a.blocks]).toEqual([...b.blocks]);
      expectClose('cells', a.cells, b.cells);
      expect(a.macs).toBe(detailMacs(spec, frame, gates));
      expect(b.macs).toBe(a.macs);
      await expectSameMaps(spec, actual, reference);
    }

    describe.each(sizes)('$width x $height', (size) => {
      it.each(GATES)(
        'gates %s agree with the reference, tensor by tensor',
        async (_, choices) => {
          const frame = randomFrame(size, 7);
          await compareGlance(frame);
          await compareInspect(size, randomGates(blockCount(spec, size), choices, 11));
        },
        timeout,
      );

      it(
        'blocks attended before leave nothing behind when they are not now',
        async () => {
          const blocks = blockCount(spec, size);
          await compareGlance(randomFrame(size, 8));
          for (const [choices, seed] of [
            [[2], 1],
            [[0, 1, 2], 2],
            [[0, 0, 2, 1], 3],
            [[0], 4],
            [[1, 0], 5],
          ] as const) {
            await compareInspect(size, randomGates(blocks, choices, seed));
          }
        },
        timeout,
      );
    });

    it(
      'gates left free are equal, but where a score is within 1e-3 of the cut',
      async () => {
        for (const [index, size] of sizes.entries()) {
          const frame = randomFrame(size, 60 + index);
          await actual.upload(frame);
          await reference.upload(frame);
          const options = { budget: 0.5, threshold: model.gateThreshold, policy: 'static' } as const;
          const expected = await reference.glance();
          const ours = selectGates(await actual.glance(), options);
          const theirs = selectGates(expected, options);
          const attended = [...theirs.keys()].filter((block) => theirs[block] > 0);
          const cut = Math.min(1, ...attended.map((block) => sigmoid(expected.look[block])));
          ours.forEach((gate, block) => {
            if (gate === theirs[block]) return;
            const tie = Math.min(
              Math.abs(sigmoid(expected.look[block]) - cut),
              Math.abs(sigmoid(expected.look[block]) - model.gateThreshold),
              Math.abs(sigmoid(expected.five[block]) - 0.5),
            );
            expect(tie, `block ${block}: gate ${gate}, reference ${theirs[block]}`).toBeLessThan(1e-3);
          });
        }
      },
      timeout,
    );

    it(
      'a new upload without a glance keeps the features of the last glance',
      async () => {
        const size = sizes[0];
        await compareGlance(randomFrame(size, 21));
        const frame = randomFrame(size, 22);
        await actual.upload(frame);
        await reference.upload(frame);
        await compareInspect(size, randomGates(blockCount(spec, size), [0, 1, 2], 23));
      },
      timeout,
    );

    it(
      'the working size may change from upload to upload',
      async () => {
        for (const size of [...sizes, ...[...sizes].reverse()]) {
          await compareGlance(randomFrame(size, size.width));
          await compareInspect(size, randomGates(blockCount(spec, size), [0, 1, 2], size.height));
        }
      },
      timeout,
    );

    it(
      'pixels that no attended block sees change nothing, bit for bit; one that is seen does',
      async () => {
        const size = sizes[0];
        const frame = randomFrame(size, 31);
        const blocks = blockCount(spec, size);
        const gates = new Uint8Array(blocks);
        gates[0] = 1;
        gates[blocks - 1] = 2;
        await actual.upload(frame);
        await actual.glance();
        const before = Float32Array.from((await actual.inspect(gates)).cells);
        const changed = changeUnseen(spec, frame, gates, 32);
        expect(changed.data).not.toEqual(frame.data);
        await actual.upload(changed);
        const after = Float32Array.from((await actual.inspect(gates)).cells);
        expect(after).toEqual(before);
        const seen = { ...changed, data: changed.data.slice() };
        for (let c = 0; c < 3; c++) seen.data[c] = 255 - seen.data[c];
        await actual.upload(seen);
        expect(Float32Array.from((await actual.inspect(gates)).cells)).not.toEqual(before);
      },
      timeout,
    );

    it(
      'gates all 1 give the dense network, computed independently',
      async () => {
        const size = sizes[0];
        const frame = randomFrame(size, 41);
        await actual.upload(frame);
        await actual.glance();
        const gates = new Uint8Array(blockCount(spec, size)).fill(1);
        await actual.inspect(gates);
        for (const [name, dense] of denseMaps(model, frame)) {
          const map = await actual.read(name);
          expect(map.shape, name).toEqual([dense.height, dense.width, dense.channels]);
          expectClose(name, map.data, dense.values.flat(2));
        }
      },
      timeout,
    );
  });

  if (options.interface === false) return;

  describe('conformance: the interface', () => {
    const model = randomModel(EVEN_NET, 1);
    const size = { width: 32, height: 32 };
    const gates = Uint8Array.of(1, 0, 2, 0);

    it(
      'refuses weights that do not fit the network with MODEL_FORMAT',
      async () => {
        const weights = new Map(model.weights);
        weights.set('d2.w', new Float32Array(5));
        await expect(createBackend().load({ ...model, weights })).rejects.toMatchObject({
          code: 'MODEL_FORMAT',
        });
      },
      timeout,
    );

    it(
      'refuses genes of no pattern and of no dictionary with MODEL_FORMAT',
      async () => {
        const genes = randomModel(GENE_NET, 1);
        const refused = { code: 'MODEL_FORMAT', name: 'SaccadeNetError' };
        for (const wrong of [6, -1, 0.5, Number.NaN]) {
          const weights = new Map(genes.weights);
          weights.set(
            'a2.index',
            weights.get('a2.index')!.map((n, pair) => (pair === 7 ? wrong : n)),
          );
          await expect(createBackend().load({ ...genes, weights })).rejects.toMatchObject(refused);
        }
        const network = { ...GENE_NET, dictionaries: GENE_NET.dictionaries!.slice(1) };
        await expect(createBackend().load({ ...genes, network })).rejects.toMatchObject(refused);
      },
      timeout,
    );

    it(
      'refuses bad frames and gates with INVALID_OPTION and stays usable',
      async () => {
        const executor = await createBackend().load(model);
        const invalid = { code: 'INVALID_OPTION', name: 'SaccadeNetError' };
        await expect(executor.glance()).rejects.toMatchObject(invalid);
        await expect(executor.upload({ width: 0, height: 4, data: new Uint8Array(0) })).rejects.toMatchObject(
          invalid,
        );
        await expect(executor.upload({ ...size, data: new Uint8Array(12) })).rejects.toMatchObject(invalid);
        await executor.upload(randomFrame(size, 1));
        await expect(executor.inspect(gates)).rejects.toMatchObject(invalid);
        await executor.glance();
        await expect(executor.inspect(new Uint8Array(3))).rejects.toMatchObject(invalid);
        await expect(executor.inspect(Uint8Array.of(1, 0, 3, 0))).rejects.toMatchObject(invalid);
        await expect(executor.read('nothing')).rejects.toMatchObject(invalid);
        expect([...(await executor.inspect(gates)).blocks]).toEqual([0, 2]);
        await executor.upload(randomFrame({ width: 48, height: 32 }, 1));
        await expect(executor.inspect(new Uint8Array(6))).rejects.toMatchObject(invalid);
        expect(executor.memoryBytes()).toBeGreaterThan(1000);
        executor.dispose();
      },
      timeout,
    );

    it(
      'rejects with DISPOSED after dispose, which may be called twice',
      async () => {
        const executor = await createBackend().load(model);
        await executor.upload(randomFrame(size, 1));
        executor.dispose();
        executor.dispose();
        const disposed = { code: 'DISPOSED' };
        await expect(executor.upload(randomFrame(size, 1))).rejects.toMatchObject(disposed);
        await expect(executor.glance()).rejects.toMatchObject(disposed);
        await expect(executor.inspect(gates)).rejects.toMatchObject(disposed);
        await expect(executor.read('d1')).rejects.toMatchObject(disposed);
      },
      timeout,
    );

    it('refuses to load with an aborted signal', async () => {
      const signal = AbortSignal.abort(new Error('not wanted any more'));
      await expect(createBackend().load(model, { signal })).rejects.toThrow('not wanted any more');
    });
  });
}
