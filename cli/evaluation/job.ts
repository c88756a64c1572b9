/**
 * The records of one part of an evaluation, or of a share of its images, in this process or in one of its own: with
 * `--jobs N` every part is cut into N shares of neighbouring images that run beside each other.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { BackendName } from '../../src/backends/backend.ts';
import { type ErrorCode, SaccadeNetError } from '../../src/errors/errors.ts';
import { openDataset } from '../../train/data/dataset.ts';
import type { CorruptionChoice } from '../../train/metrics/corrupt-run.ts';
import type { FrameRecord } from '../../train/metrics/frame-record.ts';
import type { EvaluationPolicy } from '../../train/metrics/run-model.ts';
import { recordModel } from '../../train/metrics/score-model.ts';
import type { CorruptionLevel } from '../../train/metrics/shown-frame.ts';
import { loadModelFile, openBackend } from '../open-session.ts';
import type { Part } from './parts.ts';

/** Plain data: it crosses a process boundary. */
export interface Job {
  readonly directory: string;
  readonly part: Part;
  readonly budget?: number;
  readonly policy?: EvaluationPolicy;
  readonly conditioning?: boolean;
  readonly corruption?: CorruptionLevel;
  readonly backend?: BackendName;
  readonly permissiveOnly: boolean;
  readonly maxImages?: number;
  readonly sparseLoss: boolean;
  readonly video: boolean;
  readonly diagnose: boolean;
  readonly corruptions?: CorruptionChoice;
  /** The share `index` of `count` of the images. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** The argument that makes `saccadenet evaluate` wait for a job from its parent. */
export const JOB_ARGUMENT = '--job-of-parent';

type Message =
  | { readonly kind: 'frame' }
  | { readonly kind: 'records'; readonly records: FrameRecord[] }
  | { readonly kind: 'error'; readonly code?: ErrorCode; readonly message: string };

/** @throws what the files, the model and the backend throw */
export async function runJob(job: Job, onFrame: () => void): Promise<FrameRecord[]> {
  const { directory, part, permissiveOnly, backend, ...options } = job;
  const { sequences, excludeSequences, model } = part;
  const dataset = openDataset(directory, { sequences, excludeSequences, permissiveOnly });
  return recordModel(await loadModelFile(model), dataset, {
    ...options,
    backend: await openBackend(backend),
    onProgress: onFrame,
  });
}

/** The job's shares, each in a process of its own; records in the order of the images. */
export async function runJobShared(job: Job, count: number, onFrame: () => void): Promise<FrameRecord[]> {
  if (count <= 1) return runJob(job, onFrame);
  const children = Array.from({ length: count }, () =>
    fork(process.argv[1], ['evaluate', JOB_ARGUMENT], { serialization: 'advanced' }),
  );
  try {
    const shares = children.map((child, index) => ask(child, { ...job, shard: { index, count } }, onFrame));
    return (await Promise.all(shares)).flat();
  } finally {
    // Where one failed, the others need not go on.
    for (const child of children) child.kill();
  }
}

function ask(child: ChildProcess, job: Job, onFrame: () => void): Promise<FrameRecord[]> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.kind === 'frame') onFrame();
      else if (message.kind === 'records') resolve(message.records);
      else if (message.code) reject(new SaccadeNetError(message.code, message.message));
      else reject(new Error(message.message));
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`a job of --jobs ended early with ${code}; try --jobs 1`)));
    child.send(job);
  });
}

/** In the child: takes one job from the parent, answers, and lets the process end. */
export async function answerParent(): Promise<void> {
  const send = (message: Message) => new Promise<void>((done) => process.send?.(message, () => done()));
  const job = await new Promise<Job>((resolve) =>
    process.once('message', (message) => resolve(message as Job)),
  );
  process.once('disconnect', () => process.exit(1));
  try {
    const records = await runJob(job, () => void send({ kind: 'frame' }));
    await send({ kind: 'records', records });
  } catch (error) {
    const code = error instanceof SaccadeNetError ? error.code : undefined;
    await send({ kind: 'error', code, message: (error as Error).message });
  }
  process.removeAllListeners('disconnect');
  process.disconnect?.();
}
