import { expect, test } from 'vitest';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { asSaccadeNetError, decodeError, encodeError } from '../../workers/error-wire.ts';

const cross = (thrown: unknown) => decodeError(structuredClone(encodeError(thrown)));

test('a SaccadeNetError crosses whole', () => {
  const cause = new TypeError('inner', { cause: 'innermost' });
  const error = new SaccadeNetError('OUT_OF_MEMORY', 'no room', { details: { bytes: 5, list: [1] }, cause });
  const crossed = cross(error) as SaccadeNetError;
  expect(crossed).toBeInstanceOf(SaccadeNetError);
  expect(crossed).toMatchObject({
    name: 'SaccadeNetError',
    code: 'OUT_OF_MEMORY',
    message: 'no room',
    details: { bytes: 5, list: [1] },
    stack: error.stack,
    cause: { name: 'TypeError', message: 'inner', stack: cause.stack, cause: 'innermost' },
  });
  expect(crossed.cause).toBeInstanceOf(Error);
});

test('what cannot be cloned becomes text, and a cause that is its own cause ends', () => {
  const error = new SaccadeNetError('INTERNAL', 'odd', { details: { fn: () => 1 } });
  Object.assign(error, { cause: error });
  const crossed = cross(error) as SaccadeNetError;
  expect(crossed.details.fn).toContain('=>');
  expect(crossed.cause).toBeInstanceOf(SaccadeNetError);
});

test('anything else becomes INTERNAL with the original as its cause', () => {
  const crossed = cross(asSaccadeNetError(new RangeError('x < 0'))) as SaccadeNetError;
  expect(crossed).toMatchObject({ code: 'INTERNAL', cause: { name: 'RangeError', message: 'x < 0' } });
  expect(crossed.message).toContain('RangeError: x < 0');
  expect(cross(asSaccadeNetError('text'))).toMatchObject({ code: 'INTERNAL', cause: 'text' });
});
