/** The demo's player: picture and boxes belong together, whatever source was opened while another was read. */
import type { Result } from 'saccadenet';
import { expect, test, vi } from 'vitest';
import { Player } from '../../demo/player.ts';
import type { FrameSource } from '../../demo/sources/frame-source.ts';

const result = { detections: [] } as unknown as Result;

async function plain(colour: string): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(8, 8);
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 8, 8);
  return createImageBitmap(canvas);
}

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test('a frame that a closed source gives late is not drawn under the boxes of the next one', async () => {
  const late = later<ImageBitmap>();
  const source = (moving: boolean, next: () => Promise<ImageBitmap>): FrameSource => ({
    ...{ name: 'test', moving, next, step: next },
    setPaused: () => {},
    close: () => {},
  });
  const looked = later<Result>();
  const look = vi.fn(() => looked.promise);
  const drawn: Uint8ClampedArray[] = [];
  const player = new Player({
    look,
    looked: () => {},
    draw: (image) => drawn.push(image.getContext('2d')!.getImageData(4, 4, 1, 1).data),
    idle: () => {},
    failed: (error) => {
      throw error;
    },
  });
  player.open(source(true, () => late.promise));
  player.open(source(false, () => plain('#00ff00')));
  await vi.waitFor(() => expect(look).toHaveBeenCalledTimes(1));
  const stale = await plain('#ff0000');
  late.resolve(stale);
  await vi.waitFor(() => expect(stale.width, 'it is closed').toBe(0));
  looked.resolve(result);
  await vi.waitFor(() => expect(drawn).toHaveLength(1));
  expect([...drawn[0]].slice(0, 3)).toEqual([0, 255, 0]);
  expect(look).toHaveBeenCalledTimes(1);
  player.close();
});
