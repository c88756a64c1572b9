/**
 * One run beside other runtimes: every round each of them computes the same frame, ours at every share, all in one
 * worker. It and the runtimes' files are loaded here and nowhere else, and are gone with the worker.
 */
import { otherRuntimes } from 'virtual:other-runtimes';
import type { BenchJob, BenchMessage } from '../../bench/hosts/worker.ts';
import type { BenchReport } from '../../bench/report.ts';
import type { Device } from './device.ts';
import type { PeersReport, RunSettings } from './report.ts';

/** What a run loads, from this site; a server may pack it. */
export function loadBytes(backend: RunSettings['backend']): number {
  return otherRuntimes.backends[backend].loadBytes;
}

export async function measurePeers(
  device: Device,
  settings: RunSettings,
  onProgress: (share: number, doing: string) => void,
  signal: AbortSignal,
): Promise<PeersReport> {
  const { backend, width, height, rounds } = settings;
  const { version, liteRtVersion, files, backends } = otherRuntimes;
  const job: BenchJob = {
    plan: { version, backend, peers: true, rounds, size: { width, height }, resolutions: false },
    machine: {
      cpu: 'not told by the browser',
      cores: device.cores,
      memoryGb: device.memoryGb,
      platform: navigator.platform,
      browser: device.userAgent,
    },
    files: { onnx: absolute(files.onnx), tfjs: absolute(files.tfjs), litert: absolute(files.litert) },
    liteRtVersion,
  };
  onProgress(0, 'Loading');
  const bench = await runInWorker(absolute(backends[backend].script), job, onProgress, signal);
  return { report: 'saccadenet benchmark page', date: new Date().toISOString(), device, rounds, bench };
}

/** An abort takes effect at once, whatever is under way. */
function runInWorker(
  script: string,
  job: BenchJob,
  onProgress: (share: number, doing: string) => void,
  signal: AbortSignal,
): Promise<BenchReport> {
  const worker = new Worker(script);
  let share = 0;
  return new Promise<BenchReport>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.addEventListener('error', ({ message }) => {
      reject(new Error(message || `${script} could not be loaded`));
    });
    worker.addEventListener('message', ({ data }: MessageEvent<BenchMessage>) => {
      if (data.kind === 'report') resolve(data.report);
      else if (data.kind === 'error') reject(new Error(data.message));
      else if (data.kind === 'start') onProgress(share, startingOf(data.name));
      else {
        share = data.done / data.total;
        if (data.note !== 'loading') onProgress(share, `All in turn, ${Math.round(100 * share)} %`);
      }
    });
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

function startingOf(name: string): string {
  return /^(wasm|webgpu) /.test(name) ? `Starting ours: ${name}` : `Loading and starting ${name}`;
}

function absolute(path: string): string {
  return new URL(path, document.baseURI).href;
}
