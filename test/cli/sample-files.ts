/** Files for the tests of the command line: a random model, pictures, a labelled set. Seeded; in a new folder. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { writeJpeg, writeMask, writePng } from '../../train/data/images.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame } from '../conformance/random.ts';

export const FRAME = { width: 64, height: 48 };

export interface SampleFiles {
  directory: string;
  model: string;
  /** Two pictures of FRAME's size: a.jpg, b.png. */
  pictures: string;
  /** Two sequences, S1 with two images and S2 with one. */
  data: string;
}

export function makeSampleFiles(): SampleFiles {
  const directory = mkdtempSync(join(tmpdir(), 'saccadenet-cli-'));
  const model = join(directory, 'random.sacc');
  writeFileSync(model, encodeModel(randomModel(EVEN_NET, 1)));
  const pictures = join(directory, 'pictures');
  mkdirSync(pictures);
  writeJpeg(join(pictures, 'a.jpg'), randomFrame(FRAME, 1), 90);
  writePng(join(pictures, 'b.png'), randomFrame(FRAME, 2));
  const data = join(directory, 'data');
  makeData(data);
  return { directory, model, pictures, data };
}

function makeData(data: string): void {
  mkdirSync(join(data, 'images'), { recursive: true });
  mkdirSync(join(data, 'masks'));
  const images = [1, 2, 3].map((id) => ({
    id,
    file_name: `images/${id}.png`,
    mask_file: `masks/${id}.png`,
    ...FRAME,
    sequence: id < 3 ? 'S1' : 'S2',
    frame: id,
  }));
  for (const { id } of images) {
    writePng(join(data, 'images', `${id}.png`), randomFrame(FRAME, 10 + id));
    const mask = new Uint8Array(FRAME.width * FRAME.height);
    for (let y = 4; y < 34; y++) {
      mask.fill(1, y * FRAME.width + 10, y * FRAME.width + 22);
      mask.fill(2, y * FRAME.width + 40, y * FRAME.width + 44);
    }
    writeMask(join(data, 'masks', `${id}.png`), { ...FRAME, data: mask });
  }
  const annotations = images.flatMap(({ id }) => [
    { image_id: id, category_id: 1, bbox: [10, 4, 12, 30], iscrowd: 0, ignore: 0 },
    { image_id: id, category_id: 2, bbox: [38, 4, 20, 30], shaft: [40, 4, 4, 30], iscrowd: 0, ignore: 0 },
  ]);
  writeFileSync(join(data, 'annotations.json'), JSON.stringify({ info: {}, images, annotations }));
}
