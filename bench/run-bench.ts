/**
 * The benchmark: ours at every share of attention, our dense path and the peers on the dense network, interleaved in
 * one run; then several resolutions at an equal number of attended blocks. Runs in Node and in a page alike. Timings
 * only mean something beside the yardsticks of the same run: the SIMD GEMM, on a GPU a copy and an FMA kernel too.
 */

import { attendedShare } from '../src/attention/select.ts';
import type { PixelFrame } from '../src/backends/backend.ts';
import { isSoftware } from '../src/backends/webgpu/device.ts';
import { denseMacs, type Size } from '../src/network/geometry.ts';
import { GATE_FIVE, type Model } from '../src/network/spec.ts';
import { denseTensors, difference } from './compare-outputs.ts';
import { type Lane, openLanes, race, releaseLanes } from './contender.ts';
import { benchFrame } from './frames.ts';
import { createGemm } from './gemm.ts';
import { GpuMeasure } from './gpu-yardsticks.ts';
import { type OurContender, type OurRow, ourEntrant, ourRows } from './ours.ts';
import { peerEntrant, peersOf } from './peers/index.ts';
import type { Peer, PeerContender } from './peers/peer.ts';
import { type BenchPlan, DEFAULT_SHARES, SCALES, type SpeedClass } from './plan.ts';
import type { BenchReport, GpuYardsticks, Machine, OurEntry, PeerEntry, Resources, Times } from './report.ts';
import { runResolutions } from './resolutions.ts';
import { ResourceMeter } from './resource-meter.ts';
import { detailRooflineMs } from './roofline.ts';
import { medians, pairedRatio, quantile, type Spread, spread } from './statistics.ts';

const FRAMES = 4;

export interface BenchEvents {
  /** `note` says what is under way. */
  readonly onProgress?: (done: number, total: number, note: string) => void;
  /** Called before an entrant starts, ours or a peer, with its name. */
  readonly onStart?: (name: string) => void;
  readonly signal?: AbortSignal;
}

/** @param machine what the host knows of the machine; the GPU is added here. */
export async function runBench(
  plan: BenchPlan,
  machine: Machine,
  events: BenchEvents = {},
): Promise<BenchReport> {
  const startMs = performance.now();
  const { model, backend, shares = DEFAULT_SHARES } = plan;
  const gpu = backend === 'webgpu' ? await openGpu() : undefined;
  const scale = SCALES[speedClass(plan, gpu)];
  const { size = scale.size, rounds = scale.rounds } = plan;
  const warmupRounds = Math.min(scale.warmupRounds, rounds);
  const resolutionRounds = plan.resolutions === false ? 0 : Math.min(scale.resolutionRounds, rounds);

  const rows = ourRows(backend, shares);
  const peers = plan.peers ? peersOf(backend, plan.host) : [];
  const total =
    rows.length + peers.length + warmupRounds + rounds + (resolutionRounds && resolutionRounds + 1);
  let done = 0;
  const step = (note: string) => () => events.onProgress?.(++done, total, note);
  const frames = Array.from({ length: FRAMES }, (_, i) => benchFrame(size, i + 1));
  const meter = new ResourceMeter();
  meter.start();
  const lanes: Lane[] = [];
  try {
    const gemm = await createGemm();
    const gemmRates: number[] = [];
    const { signal, onStart } = events;
    const loading = { meter, signal, onStart, onStep: step('loading') };
    const ours = await openLanes(
      rows.map((row) => ourEntrant(model, row)),
      frames[0],
      loading,
    );
    lanes.push(...ours);
    const missing = ours.find(({ contender }) => !contender);
    if (missing) throw new Error(`${missing.name} did not start: ${missing.reason}`);
    const others = await openLanes(
      peers.map((peer) => peerEntrant(peer, model, size)),
      frames[0],
      loading,
    );
    lanes.push(...others);
    const checks = await compareOutputs(model, ours[ours.length - 1], frames[0], others);
    await race(lanes, {
      frames,
      rounds,
      warmupRounds,
      meter,
      signal: events.signal,
      onStep: step('frames'),
      onRound: async (timed) => {
        const rate = gemm.measure();
        if (timed) gemmRates.push(rate);
        meter.owner = 'yardsticks';
        await gpu?.measure.measure();
      },
    });
    const yardsticks = gpu?.measure.result();
    const context = { model, size, meter, gemmRates, yardsticks, dense: ours[ours.length - 1] };
    const ourEntries = ours.map((lane, i) => ourEntry(rows[i], lane, context));
    const peerEntries = others.map((lane, i) =>
      peerEntry(peers[i], lane, denseMacs(model.network, size), meter, checks[i]),
    );
    const ratios = allRatios(ours, others);
    await releaseLanes(lanes.splice(0));
    return {
      version: plan.version,
      machine: { ...machine, ...(gpu ? { gpu: gpu.name, softwareGpu: gpu.software } : {}) },
      host: plan.host,
      backend,
      gemmGflops: quantile(gemmRates, 0.5),
      ...(yardsticks ? { yardsticks } : {}),
      frame: size,
      weights: plan.weights,
      rounds,
      denseGmacs: denseMacs(model.network, size) / 1e9,
      ours: ourEntries,
      peers: peerEntries,
      resolutions:
        resolutionRounds === 0
          ? []
          : await runResolutions({
              model,
              backend,
              sizes: scale.resolutions,
              share: scale.resolutionShare,
              rounds: resolutionRounds,
              meter,
              signal: events.signal,
              onStep: step('resolutions'),
            }),
      ratios,
      seconds: (performance.now() - startMs) / 1000,
    };
  } finally {
    await releaseLanes(lanes);
    gpu?.measure.release();
    meter.stop();
  }
}

interface Gpu {
  readonly name: string;
  readonly software: boolean;
  readonly measure: GpuMeasure;
}

/** @throws where there is no adapter */
async function openGpu(): Promise<Gpu> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  if (!adapter) throw new Error('there is no WebGPU adapter here; use --backend wasm');
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed GPU';
  const software = isSoftware(adapter.info);
  return { name, software, measure: await GpuMeasure.create(adapter, software) };
}

function speedClass({ backend }: BenchPlan, gpu: Gpu | undefined): SpeedClass {
  if (backend === 'wasm') return 'wasm';
  return gpu?.software ? 'software gpu' : 'gpu';
}

/** What the peers gave on the first frame, against ours. */
async function compareOutputs(
  { network }: Model,
  dense: Lane<OurContender>,
  frame: PixelFrame,
  peers: readonly Lane<PeerContender>[],
) {
  if (peers.length === 0) return [];
  const ours = denseTensors(network, await dense.contender!.trace(frame));
  return peers.map(({ contender }) => contender && difference(ours, contender.outputs()));
}

interface Context {
  readonly model: Model;
  readonly size: Size;
  readonly meter: ResourceMeter;
  readonly gemmRates: readonly number[];
  readonly yardsticks: GpuYardsticks | undefined;
  readonly dense: Lane;
}

function ourEntry(row: OurRow, lane: Lane<OurContender>, context: Context): OurEntry {
  const { model, size, yardsticks, gemmRates, dense } = context;
  const { result, pipelines } = lane.contender!;
  const { gates } = result.attention;
  const executed = result.macs.attention + result.macs.detail;
  const gflops = lane.ms.map((ms) => (2 * executed) / ms / 1e6);
  const stages = medians(lane.stages);
  const fives = gates.filter((gate) => gate === GATE_FIVE).length;
  const { name, backend, policy, share } = row;
  const times = timesOf(lane.ms);
  return {
    name,
    backend,
    policy,
    share,
    gates: row.gates,
    attended: attendedShare(gates),
    fiveByFive: fives / gates.length,
    blocks: gates.length,
    gmacs: executed / 1e9,
    ...times,
    fps: 1000 / times.msMedian,
    gflops: spread(gflops),
    ofGemm: pairedRatio(gflops, gemmRates),
    realised: scaled(pairedRatio(dense.ms, lane.ms), executed / result.macs.dense),
    stages,
    ...resourcesOf(lane, context.meter),
    sessionBytes: lane.contender!.memoryBytes(),
    ...(pipelines ? { pipelines } : {}),
    ...(yardsticks && stages.detailMs
      ? { detailOfRoofline: detailRooflineMs(model.network, size, gates, yardsticks) / stages.detailMs }
      : {}),
  };
}

function peerEntry(
  { package: name, backend }: Peer,
  lane: Lane<PeerContender>,
  macs: number,
  meter: ResourceMeter,
  check: ReturnType<typeof difference> | undefined,
): PeerEntry {
  const entry = { name, backend, gmacs: macs / 1e9 };
  const { contender, reason } = lane;
  if (!contender) return { ...entry, reason };
  const { version, threads } = contender;
  return { ...entry, version, threads, ...timesOf(lane.ms), ...resourcesOf(lane, meter), ...check };
}

function timesOf(ms: readonly number[]): Times {
  const { median, p10, p90, p95 } = spread(ms);
  return { msMedian: median, msP10: p10, msP90: p90, msP95: p95, msP99: quantile(ms, 0.99) };
}

function resourcesOf({ name, loadMs, firstMs, readBytes }: Lane, meter: ResourceMeter): Resources {
  const [gpuBytes, wasmBytes] = [meter.gpuBytes(name), meter.wasmBytes(name)];
  return { loadMs, firstMs, readbackBytes: quantile(readBytes, 0.5), gpuBytes, wasmBytes };
}

function scaled(of: Spread, factor: number): Spread {
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [key, value * factor]),
  ) as unknown as Spread;
}

/** Every row of ours against our dense path and every peer. */
function allRatios(ours: readonly Lane[], peers: readonly Lane[]): Record<string, Spread> {
  const dense = ours[ours.length - 1];
  const ratios: Record<string, Spread> = {};
  for (const against of [dense, ...peers]) {
    for (const what of ours) {
      if (what === against || !against.contender) continue;
      ratios[`${what.name}/${against.name}`] = pairedRatio(what.ms, against.ms);
    }
  }
  return ratios;
}
