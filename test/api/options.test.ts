import { describe, expect, test } from 'vitest';
import {
  checkCreateOptions,
  checkDetectOptions,
  checkTimestamp,
  checkVideoOptions,
} from '../../src/api/options.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';

function errorOf(call: () => unknown): SaccadeNetError {
  try {
    call();
  } catch (error) {
    if (error instanceof SaccadeNetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('options', () => {
  test.each([
    ['options', 5, '5', 'an object'],
    ['options', null, 'null', 'an object'],
    ['options.model', { model: 7 }, '7', 'a Uint8Array'],
    ['options.model', { model: '' }, '""', 'a Uint8Array'],
    ['options.integrity', { integrity: 'sha1-abc' }, '"sha1-abc"', 'sha256-'],
    ['options.backends', { backends: 'wasm' }, '"wasm"', 'an array'],
    ['options.backends', { backends: [] }, '[]', 'one or more'],
    ['options.backends', { backends: ['wasm', 'wasm'] }, '["wasm", "wasm"]', 'at most once'],
    ['options.backends', { backends: ['webgl'] }, '["webgl"]', '"webgpu", "wasm", "reference"'],
    ['options.worker', { worker: 1 }, '1', 'a function that returns one'],
    ['options.workerTimeoutMs', { workerTimeoutMs: 0 }, '0', 'above 0'],
    ['options.device', { device: {} }, 'an object of type Object', 'a GPUDevice'],
    ['options.attention', { attention: 0.2 }, '0.2', 'an object'],
    ['options.attention.budget', { attention: { budget: 1.5 } }, '1.5', 'from 0 to 1'],
    ['options.attention.budget', { attention: { budget: Number.NaN } }, 'NaN', 'from 0 to 1'],
    ['options.attention.policy', { attention: { policy: 'eager' } }, '"eager"', '"saccade"'],
    ['options.attention.priors', { attention: { priors: 'motion' } }, '"motion"', 'an object of motion'],
    ['options.scoreThreshold', { scoreThreshold: '0.5' }, '"0.5"', 'a number from 0 to 1'],
    ['options.maxDetections', { maxDetections: 1.5 }, '1.5', 'a whole number'],
    ['options.maxWorkingPixels', { maxWorkingPixels: -1 }, '-1', 'pixels'],
    ['options.conditioning', { conditioning: 'auto' }, '"auto"', 'true or false'],
    ['options.powerPreference', { powerPreference: 'max' }, '"max"', '"low-power"'],
    ['options.warmup', { warmup: 'yes' }, '"yes"', 'true or false'],
    ['options.signal', { signal: {} }, 'an object of type Object', 'an AbortSignal'],
    ['options.onProgress', { onProgress: true }, 'true', 'a function'],
  ])('%s: %o', (field, options, value, allowed) => {
    const error = errorOf(() => checkCreateOptions(options));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.details.field).toBe(field);
    expect(error.message).toContain(field);
    expect(error.message).toContain(`is ${value};`);
    expect(error.message).toContain(allowed);
  });

  test.each([
    ['options.bugdet', { bugdet: 1 }, 'attention'],
    ['options.attention.bugdet', { attention: { bugdet: 1 } }, 'budget'],
    ['options.constructor', { constructor: 1 }, 'attention'],
  ])('%s is unknown, and what is known is said', (field, options, known) => {
    const error = errorOf(() => checkCreateOptions(options));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(`There is no ${field};`);
    expect(error.message).toContain(known);
  });

  test('a device goes with neither a worker nor a list without webgpu', () => {
    const device = { queue: {} };
    expect(errorOf(() => checkCreateOptions({ device, worker: true })).details.field).toBe('options.worker');
    expect(errorOf(() => checkCreateOptions({ device, backends: ['wasm'] })).details.field).toBe(
      'options.backends',
    );
    expect(checkCreateOptions({ device, worker: false })).toMatchObject({ device });
  });

  test('everything of the contract is accepted, and undefined is a field left out', () => {
    const options = {
      model: new URL('https://example.test/model.sacc'),
      integrity: `sha256-${'A'.repeat(43)}=`,
      backends: ['wasm', 'reference'],
      worker: () => undefined,
      device: undefined,
      attention: { budget: 0, policy: 'dense', priors: { motion: true } },
      scoreThreshold: 1,
      maxDetections: 1,
      maxWorkingPixels: 1,
      conditioning: false,
      powerPreference: 'low-power',
      warmup: false,
      signal: new AbortController().signal,
      onProgress: () => {},
    };
    expect(checkCreateOptions(options)).toBe(options);
    expect(checkCreateOptions(undefined)).toEqual({});
  });

  test('calls have tables of their own', () => {
    expect(errorOf(() => checkDetectOptions({ backends: ['wasm'] })).message).toContain(
      'no options.backends',
    );
    expect(errorOf(() => checkVideoOptions({ streamId: 3 })).details.field).toBe('options.streamId');
    expect(errorOf(() => checkTimestamp(Number.NaN)).message).toContain('timestampMs is NaN');
    expect(checkVideoOptions({ streamId: 'left', maxDetections: 3 })).toEqual({
      streamId: 'left',
      maxDetections: 3,
    });
  });
});
