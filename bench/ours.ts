/**
 * Ours as contenders: whole `detect` calls of a session, RGBA in memory to detections.
 *
 * A row of a share attends exactly `floor(share x blocks)` blocks, taken by the model's look logits whatever its
 * threshold, so that an easy frame does not flatter the figure; 5x5 kernels where the model asks for them. At a share
 * of 1 every block takes 3x3 kernels: the dense network computed by the sparse path. This is done with a twin of the
 * model (another threshold, another bias), so that frames take the same path as a user's.
 */
import { DEFAULT_BUDGET } from '../src/attention/select.ts';
import type { Backend, PixelFrame } from '../src/backends/backend.ts';
import type { Model } from '../src/network/spec.ts';
import type { Result } from '../src/result.ts';
import { type DeviceStats, Session, type Trace } from '../src/session/session.ts';
import type { Contender, Entrant } from './contender.ts';

export type OurBackend = 'wasm' | 'webgpu';

export interface OurRow {
  /** As in the ratios' keys. */
  readonly name: string;
  readonly backend: OurBackend;
  readonly policy: 'static' | 'dense';
  /** Of the blocks. */
  readonly share: number;
  /** filled: the budget is used up, 5x5 where asked for; three: the same, 3x3 everywhere; all: no gates. */
  readonly gates: 'filled' | 'three' | 'all';
}

/** Rows of a backend: the shares, the default budget, our own dense path. */
export function ourRows(backend: OurBackend, shares: readonly number[]): OurRow[] {
  const sparse = shares.map((share): OurRow => {
    const name = `${backend} ${percent(share)}`;
    return { name, backend, policy: 'static', share, gates: share < 1 ? 'filled' : 'three' };
  });
  return [
    ...sparse,
    { name: `${backend} static`, backend, policy: 'static', share: DEFAULT_BUDGET, gates: 'filled' },
    { name: `${backend} dense`, backend, policy: 'dense', share: 1, gates: 'all' },
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

export class OurContender implements Contender {
  readonly #session: Session;
  readonly #options: {
    readonly policy: 'static' | 'dense';
    readonly budget: number;
    maxWorkingPixels: number;
  };
  #frame!: PixelFrame;
  #last!: Result;

  constructor(session: Session, options: { policy: 'static' | 'dense'; budget: number }) {
    this.#session = session;
    this.#options = { ...options, maxWorkingPixels: 2 ** 31 - 1 };
  }

  prepare(frame: PixelFrame): void {
    this.#frame = frame;
  }

  async run(): Promise<void> {
    this.#last = await this.#session.detect(this.#frame, this.#options);
  }

  /** As the host's clock has them; where the frame stays on a GPU, by its timestamps, of the frame once more. */
  async stages(): Promise<Readonly<Record<string, number>>> {
    const { totalMs: _, ...hostStages } = this.#last.timings;
    if (this.#session.backend !== 'webgpu') return hostStages;
    let stats: DeviceStats | undefined;
    const onStats = (given: DeviceStats) => {
      stats = given;
    };
    await this.#session.detect(this.#frame, { ...this.#options, onStats });
    if (!stats?.stageMs) return hostStages;
    const stages = Object.entries(stats.stageMs).map(([name, ms]) => [`${name}Ms`, ms]);
    return { ...Object.fromEntries(stages), decodeMs: hostStages.decodeMs };
  }

  /** Of the last frame. */
  get result(): Result {
    return this.#last;
  }

  /** The frame once more, outside the clock, with the tensors that its result was made from. */
  trace(frame: PixelFrame): Promise<Trace> {
    return this.#session.trace(frame, this.#options);
  }

  get pipelines(): number | undefined {
    return this.#session.pipelines;
  }

  memoryBytes(): number {
    return this.#session.memoryBytes();
  }

  release(): void {
    this.#session.dispose();
  }
}

/** @param budget share of the blocks; default: the row's. */
export function ourEntrant(model: Model, row: OurRow, budget = row.share): Entrant<OurContender> {
  return {
    name: row.name,
    open: async () => {
      const session = await Session.create(twin(model, row.gates), await openBackend(row.backend));
      return new OurContender(session, { policy: row.policy, budget });
    },
  };
}

async function openBackend(name: OurBackend): Promise<Backend> {
  if (name === 'wasm') return (await import('../src/backends/wasm/index.ts')).wasmBackend();
  return (await import('../src/backends/webgpu/index.ts')).webgpuBackend();
}

/** Below any five-by-five logit, and still a number in half precision. */
const NEVER = -1e4;

function twin(model: Model, gates: OurRow['gates']): Model {
  if (gates === 'all') return model;
  const filled = { ...model, gateThreshold: 0 };
  if (gates === 'filled') return filled;
  const bias = `${model.network.attention.gate.name}.b`;
  const [look] = model.weights.get(bias)!;
  return { ...filled, weights: new Map([...model.weights, [bias, Float32Array.of(look, NEVER)]]) };
}
