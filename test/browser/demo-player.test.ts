/** The demo's player: picture and boxes belong together, whatever source was opened while another was read. */
import type { Result } from 'saccadenet';
import { expect, test, vi } from 'vitest';
import { Player, type Shown } from '../../demo/player.ts';
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

const colourOf = ({ image }: Shown) =>
  [...image.getContext('2d')!.getImageData(4, 4, 1, 1).data.subarray(0, 3)].join();

const source = (moving: boolean, next: () => Promise<ImageBitmap>): FrameSource => ({
  ...{ name: 'test', moving, next, step: next },
  setPaused: () => {},
  close: () => {},
});

test('a frame that a closed source gives late is not drawn under the boxes of the next one', async () => {
  const late = later<ImageBitmap>();
  const looked = later<Result>();
  const look = vi.fn(() => looked.promise);
  const drawn: string[] = [];
  const player = new Player({
    look,
    looked: () => {},
    draw: (shown) => drawn.push(colourOf(shown)),
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
  expect(drawn).toEqual(['0,255,0']);
  expect(look).toHaveBeenCalledTimes(1);
  player.close();
});

test('the frame before is kept with its own result, until the picture is another or looked at again', async () => {
  const colours = ['#ff0000', '#00ff00', '#0000ff', '#ffffff'];
  const drawn: (string | null)[][] = [];
  const name = (shown: Shown | null) => shown && `${colourOf(shown)} at ${shown.result.width}`;
  let looks = 0;
  const player = new Player({
    look: async () => ({ ...result, width: ++looks }),
    looked: () => {},
    draw: (shown, before) => drawn.push([name(shown), name(before)]),
    idle: () => {},
    failed: (error) => {
      throw error;
    },
  });
  const never = new Promise<ImageBitmap>(() => {});
  player.open(source(true, () => (colours.length > 0 ? plain(colours.shift()!) : never)));
  await vi.waitFor(() => expect(drawn).toHaveLength(4));
  expect(drawn).toEqual([
    ['255,0,0 at 1', null],
    ['0,255,0 at 2', '255,0,0 at 1'],
    ['0,0,255 at 3', '0,255,0 at 2'],
    ['255,255,255 at 4', '0,0,255 at 3'],
  ]);
  player.redraw();
  expect(drawn[4]).toEqual(drawn[3]);
  player.open(source(false, () => plain('#ff0000')));
  await vi.waitFor(() => expect(drawn).toHaveLength(6));
  player.lookAgain();
  await vi.waitFor(() => expect(drawn).toHaveLength(7));
  expect(drawn.slice(5)).toEqual([
    ['255,0,0 at 5', null],
    ['255,0,0 at 6', null],
  ]);
  player.close();
});
