/** Detection over everything named on the command line, for `detect` and for `npm start`. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { attendedShare, type Policy } from '../src/attention/select.ts';
import type { BackendName } from '../src/backends/backend.ts';
import type { Result } from '../src/result.ts';
import { Session } from '../src/session/session.ts';
import { StreamState } from '../src/session/stream-state.ts';
import { makeFolder } from '../train/data/files.ts';
import { writePng } from '../train/data/images.ts';
import { UsageError } from './arguments.ts';
import { annotate } from './draw/annotate.ts';
import { type FrameSource, openFrameSource, type SourceFrame } from './frame-sources.ts';
import { loadModelFile, openBackend } from './open-session.ts';
import { createProgress } from './progress.ts';

export interface RunDetectOptions {
  /** Pictures, directories, clips. */
  readonly inputs: readonly string[];
  /** Default: the shipped model. */
  readonly model?: string;
  readonly backend?: BackendName;
  readonly budget?: number;
  readonly policy?: Policy;
  /** Default: the model's own, by label. */
  readonly score?: number;
  /** Whether noisy, blocky and flat frames are treated. Default true. */
  readonly conditioning?: boolean;
  /** The pictures of a directory are consecutive frames. */
  readonly video?: boolean;
  /** Detections of a clip's frame are those that the next one tells of it. */
  readonly hindsight?: boolean;
  /** Annotated PNGs go here; made where it is missing. */
  readonly out?: string;
  /** No progress bar. */
  readonly quiet?: boolean;
  /** Gets every frame in turn; `picture` is the annotated PNG that was written. */
  readonly onFrame?: (frame: DetectedFrame) => void;
}

export interface DetectedFrame {
  readonly file: string;
  /** Index in a clip. */
  readonly frame?: number;
  readonly result: Result;
  readonly picture?: string;
}

interface Seen {
  readonly frame: SourceFrame;
  readonly result: Result;
}

/** All frames together. */
export interface DetectSummary {
  frames: number;
  backend: BackendName;
  /** Detections by label. */
  found: Record<string, number>;
  /** Mean share of blocks attended. */
  attended: number;
  /** 1 - MACs executed / MACs of the dense network. */
  macsSaved: number;
  /** Mean of the frames after the first (which warms up), where there are more. */
  msPerFrame: number;
  /** Annotated PNGs, in order. */
  pictures: string[];
}

/** Detects in everything named. @throws SaccadeNetError for what cannot be read or run. */
export async function runDetect(options: RunDetectOptions): Promise<DetectSummary> {
  const { video = false, hindsight = false, out } = options;
  const sources = options.inputs.map((path) => openFrameSource(path, { video }));
  if (hindsight && !sources.some(({ isClip }) => isClip))
    throw new UsageError('--hindsight is for clips; for a directory of consecutive frames give --video too');
  const model = await loadModelFile(options.model);
  const session = await Session.create(model, await openBackend(options.backend), {
    ...{ budget: options.budget, scoreThreshold: options.score, conditioning: options.conditioning },
  });
  if (out !== undefined) makeFolder(out);
  const total = sources.reduce((sum, { frameCount }) => sum + frameCount, 0);
  const progress = createProgress('detect', total, { quiet: options.quiet || total < 2 });
  const tally = new Tally();
  const names = new Set<string>();
  const finish = ({ frame, result }: Seen) => {
    const picture = out === undefined ? undefined : writeAnnotated(out, names, frame, result);
    tally.add(result, picture);
    options.onFrame?.({ file: frame.file, frame: frame.frame, result, picture });
    progress.update(tally.frames);
  };
  try {
    for (const source of sources) {
      const stream = source.isClip ? new StreamState() : undefined;
      let waiting: Seen | undefined;
      try {
        for (const frame of source.frames()) {
          const result = await session.detect(frame.pixels, {
            policy: policyFor(source, options.policy),
            timestampMs: frame.timestampMs,
            stream,
          });
          if (hindsight && stream) {
            if (waiting) finish(toldBy(result, waiting));
            waiting = { frame, result };
          } else finish({ frame, result });
          await setImmediate(); // or a reader that has gone away (`| head`) is noticed after the last frame only
        }
      } finally {
        // The last frame, also before one that cannot be read.
        if (waiting) finish(toldBy(undefined, waiting));
      }
    }
  } finally {
    progress.end();
    session.dispose();
  }
  return tally.summary(session.backend);
}

/** A frame as the next one tells of it; where none does, as it was seen itself. */
function toldBy(next: Result | undefined, { frame, result }: Seen): Seen {
  const { hindsight: _, ...own } = result;
  return { frame, result: { ...own, detections: next?.hindsight?.detections ?? own.detections } };
}

function policyFor(source: FrameSource, policy: Policy | undefined): Policy {
  return policy ?? (source.isClip ? 'saccade' : 'static');
}

/** Two pictures of one name get a number behind it. */
function writeAnnotated(out: string, names: Set<string>, frame: SourceFrame, result: Result): string {
  let name = frame.name;
  for (let n = 2; names.has(name); n++) name = `${frame.name}-${n}`;
  names.add(name);
  const file = join(out, `${name}.png`);
  writePng(file, annotate(frame.pixels, result));
  return file;
}

class Tally {
  frames = 0;
  readonly #found: Record<string, number> = {};
  readonly #pictures: string[] = [];
  #attended = 0;
  #macs = 0;
  #denseMacs = 0;
  #firstMs = 0;
  #laterMs = 0;

  add(result: Result, picture: string | undefined): void {
    this.frames++;
    for (const { label } of result.detections) this.#found[label] = (this.#found[label] ?? 0) + 1;
    if (picture !== undefined) this.#pictures.push(picture);
    this.#attended += attendedShare(result.attention.gates);
    this.#macs += result.macs.attention + result.macs.detail;
    this.#denseMacs += result.macs.dense;
    if (this.frames === 1) this.#firstMs = result.timings.totalMs;
    else this.#laterMs += result.timings.totalMs;
  }

  summary(backend: BackendName): DetectSummary {
    const { frames } = this;
    return {
      frames,
      backend,
      found: this.#found,
      attended: frames > 0 ? this.#attended / frames : 0,
      macsSaved: this.#denseMacs > 0 ? 1 - this.#macs / this.#denseMacs : 0,
      msPerFrame: frames > 1 ? this.#laterMs / (frames - 1) : this.#firstMs,
      pictures: this.#pictures,
    };
  }
}
