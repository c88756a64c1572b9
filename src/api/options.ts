/** What every option may be: one table a function. */

import type { BackendName } from '../backends/backend.ts';
import type { Policy } from '../session/session.ts';
import type {
  AttentionOptions,
  BenchmarkOptions,
  CreateOptions,
  DetectOptions,
  StreamOptions,
  VideoOptions,
} from './types.ts';
import { invalid, type Rule, type Rules, show, validate } from './validate.ts';

const BACKENDS: readonly BackendName[] = ['webgpu', 'wasm', 'reference'];
/** As attention/select.ts has them; importing them would bring the runtime along. */
const POLICIES: readonly Policy[] = ['static', 'saccade', 'dense'];
const POWER: readonly GPUPowerPreference[] = ['low-power', 'high-performance'];
/** Base64 of 32 bytes. */
const SHA256 = /^sha256-[A-Za-z0-9+/]{43}=$/;

const share: Rule = { allowed: 'a number from 0 to 1', test: (v) => isNumber(v) && v >= 0 && v <= 1 };
const flag: Rule = { allowed: 'true or false', test: (v) => typeof v === 'boolean' };
const callback: Rule = { allowed: 'a function', test: (v) => typeof v === 'function' };
const signal: Rule = {
  allowed: 'an AbortSignal',
  test: (v) => isObject(v) && typeof v.aborted === 'boolean' && typeof v.addEventListener === 'function',
};
const count = (allowed: string): Rule => ({
  allowed,
  test: (v) => Number.isSafeInteger(v) && (v as number) > 0,
});
const oneOf = (values: readonly string[]): Rule => ({
  allowed: `one of ${values.map(show).join(', ')}`,
  test: (v) => values.includes(v as string),
});

const ATTENTION: Rules<AttentionOptions> = {
  budget: share,
  policy: oneOf(POLICIES),
  priors: {
    allowed: 'an object of motion (true or false), eyes (true or false) and custom (a function)',
    test: (v) =>
      isObject(v) &&
      !Array.isArray(v) &&
      Object.entries(v).every(([name, value]) =>
        name === 'custom'
          ? typeof value === 'function'
          : ['motion', 'eyes'].includes(name) && typeof value === 'boolean',
      ),
  },
};

const DETECT: Rules<DetectOptions> = {
  attention: ATTENTION,
  scoreThreshold: share,
  maxDetections: count('a whole number above 0'),
  maxWorkingPixels: count('a whole number of pixels above 0'),
  conditioning: flag,
  signal,
};

const VIDEO: Rules<VideoOptions> = {
  ...DETECT,
  streamId: { allowed: 'a string', test: (v) => typeof v === 'string' },
};

const STREAM: Rules<StreamOptions> = { ...VIDEO, pauseWhenHidden: flag };

const BENCHMARK: Rules<BenchmarkOptions> = {
  frames: count('a whole number of frames above 0'),
  shares: {
    allowed: 'an array of numbers from 0 to 1',
    test: (v) => Array.isArray(v) && v.every((one) => share.test(one)),
  },
  onProgress: callback,
  image: { allowed: 'a frame', test: isObject },
  signal,
};

const CREATE: Rules<CreateOptions> = {
  ...DETECT,
  model: {
    allowed: 'an address (string or URL), a Response, an ArrayBuffer, a Uint8Array or a Blob',
    test: (v) =>
      (typeof v === 'string' && v !== '') ||
      isTagged(v, ['URL', 'Response', 'ArrayBuffer', 'Uint8Array', 'Blob', 'File']),
  },
  integrity: {
    allowed: "'sha256-' and the base64 of the file's SHA-256",
    test: (v) => typeof v === 'string' && SHA256.test(v),
  },
  backends: {
    allowed: `an array of one or more of ${BACKENDS.map(show).join(', ')}, each at most once`,
    test: (v) =>
      Array.isArray(v) &&
      v.length > 0 &&
      new Set(v).size === v.length &&
      v.every((name) => BACKENDS.includes(name)),
  },
  worker: {
    allowed: 'true, false, an address (string or URL), a Worker or a function that returns one',
    test: (v) =>
      typeof v === 'boolean' ||
      typeof v === 'function' ||
      (typeof v === 'string' && v !== '') ||
      isTagged(v, ['URL']) ||
      (isObject(v) && typeof v.postMessage === 'function' && typeof v.terminate === 'function'),
  },
  workerTimeoutMs: { allowed: 'a number of milliseconds above 0', test: (v) => isNumber(v) && v > 0 },
  device: { allowed: 'a GPUDevice', test: (v) => isObject(v) && isObject(v.queue) },
  powerPreference: oneOf(POWER),
  warmup: flag,
  onProgress: callback,
};

export function checkCreateOptions(given: unknown): CreateOptions {
  const options = validate<CreateOptions>('options', given, CREATE);
  const { device, worker, backends } = options;
  if (device && worker !== undefined && worker !== false) {
    throw invalid(
      'options.worker',
      worker,
      'false or left out where a device is given: a GPUDevice cannot enter a worker',
    );
  }
  if (device && backends && !backends.includes('webgpu')) {
    throw invalid('options.backends', backends, "a list with 'webgpu' where a device is given");
  }
  return options;
}

export function checkDetectOptions(given: unknown): DetectOptions {
  return validate<DetectOptions>('options', given, DETECT);
}

export function checkVideoOptions(given: unknown): VideoOptions {
  return validate<VideoOptions>('options', given, VIDEO);
}

export function checkStreamOptions(given: unknown): StreamOptions {
  return validate<StreamOptions>('options', given, STREAM);
}

export function checkBenchmarkOptions(given: unknown): BenchmarkOptions {
  return validate<BenchmarkOptions>('options', given, BENCHMARK);
}

export function checkTimestamp(given: unknown): number {
  if (!isNumber(given)) throw invalid('timestampMs', given, 'a finite number of milliseconds');
  return given;
}

/** The frame options of a call as the engine takes them; what the call leaves out the net's own options say. */
export function frameOptions(options: DetectOptions, policy?: Policy) {
  const { attention, scoreThreshold, maxDetections, maxWorkingPixels, conditioning } = options;
  const chosen = attention?.policy ?? policy;
  return {
    ...(attention?.budget === undefined ? {} : { budget: attention.budget }),
    ...(chosen === undefined ? {} : { policy: chosen }),
    ...(attention?.priors?.motion === undefined ? {} : { motion: attention.priors.motion }),
    ...(attention?.priors?.eyes === undefined ? {} : { eyes: attention.priors.eyes }),
    ...(scoreThreshold === undefined ? {} : { scoreThreshold }),
    ...(maxDetections === undefined ? {} : { maxDetections }),
    ...(maxWorkingPixels === undefined ? {} : { maxWorkingPixels }),
    ...(conditioning === undefined ? {} : { conditioning }),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** By tag rather than instanceof: objects of another frame or realm count too. Buffer is a Uint8Array. */
function isTagged(value: unknown, tags: readonly string[]): boolean {
  return isObject(value) && tags.includes(Object.prototype.toString.call(value).slice(8, -1));
}
