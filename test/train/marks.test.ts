/** Poles marked by hand: what they add to a set, and what is left as it was. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrainOptions } from '../../cli/training/options.ts';
import { AUGMENTS } from '../../train/data/augment-settings.ts';
import type { Annotation, Dataset } from '../../train/data/dataset.ts';
import { IGNORED_PIXEL, type TruePicture, truePicture } from '../../train/data/instances.ts';
import { drawMarks, markPoles, readMarks } from '../../train/data/marks.ts';
import { mixPictures } from '../../train/loop/mix.ts';
import { seededRandom } from '../../train/random.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'marks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(content: string): string {
  const file = join(folder, 'marks.json');
  writeFileSync(file, content);
  return file;
}

const SHAFT = { x: 40, y: 10, width: 4, height: 60 };
const UNSURE = { x: 70, y: 10, width: 10, height: 40 };
const PICTURES = { 'a.jpg': { poles: [[40, 10, 4, 60]], unsure: [[70, 10, 10, 40]] }, 'b.jpg': {} };

function annotation(label: string): Annotation {
  const box = { x: 1, y: 2, width: 10, height: 30 };
  return { label, box, shaft: box, ignore: false };
}

/** Three pictures that show a person and a pole each. */
function set(name: string, labelled: string[], partial = false): Dataset {
  const images = ['a.jpg', 'b.jpg', 'c.jpg'].map((file, id) => ({
    ...{ id, file: join(name, 'images', file), width: 96, height: 96, sequence: '', frame: id },
    annotations: [annotation('person'), annotation('pole')],
  }));
  return { directory: join('data', name), labelled, partial, images };
}

const labelsOf = ({ images }: Dataset, index: number) => images[index].annotations.map(({ label }) => label);

describe('marks', () => {
  const marks = () =>
    readMarks(
      write(
        JSON.stringify({
          sets: { faces: { close: true, pictures: PICTURES }, roads: { people: 'none', pictures: PICTURES } },
        }),
      ),
    );

  it('label poles in the pictures that are named, and leave the others as a set of their own', () => {
    const [others, marked, ...more] = markPoles(set('faces', ['person']), marks());
    expect(more).toEqual([]);
    expect(others.images.map(({ id }) => id)).toEqual([2]);
    expect(others.labelled).toEqual(['person']);
    expect(marked).toMatchObject({ labelled: ['person', 'pole'], close: true });
    expect(marked.images[0].annotations).toEqual([
      annotation('person'),
      { label: 'pole', box: { x: 37, y: 7, width: 10, height: 66 }, shaft: SHAFT, ignore: false },
      { label: 'pole', box: UNSURE, shaft: UNSURE, ignore: true },
    ]);
    expect(labelsOf(marked, 1)).toEqual(['person']);
  });

  it('of a set without people stand for all that is labelled', () => {
    const [, marked] = markPoles(set('roads', ['pole']), marks());
    expect(marked).toMatchObject({ labelled: ['person', 'pole'], close: false });
    expect(labelsOf(marked, 0)).toEqual(['pole', 'pole']);
    expect(labelsOf(marked, 1)).toEqual([]);
  });

  it('of a set that boxes only clear people come apart from it', () => {
    const given = set('faces', ['person'], true);
    const [whole, poles] = markPoles(given, marks());
    expect(whole).toEqual(given);
    expect(poles).toMatchObject({ labelled: ['pole'], close: true });
    expect(poles.partial).toBeUndefined();
    expect(labelsOf(poles, 0)).toEqual(['pole', 'pole']);
  });

  it('of other sets change nothing', () => {
    const given = set('elsewhere', ['person']);
    expect(markPoles(given, marks())).toEqual([given]);
  });

  it('that are none are refused with what is wrong', () => {
    expect(() => readMarks(join(folder, 'missing.json'))).toThrow(
      /missing\.json holds no marks: .*--marks wants/,
    );
    expect(() => readMarks(write('{}'))).toThrow(/holds no marks/);
    const bad = { sets: { faces: { pictures: { 'a.jpg': { poles: [[1, 2, 0, 4]] } } } } };
    expect(() => readMarks(write(JSON.stringify(bad)))).toThrow(/a\.jpg has the box \[1,2,0,4\]/);
  });

  it('of this repository are read', () => {
    const { marks: file } = readTrainOptions(
      `--data ${folder} --marks train/marks/poles.json -o x.sacc`.split(' '),
    );
    const own = readMarks(file as string);
    expect([...own.keys()]).toEqual([
      ...['pennfudan', 'coco', 'walkcam', 'tudped', 'carla_person', 'utilpoles'],
    ]);
    for (const { pictures } of own.values()) {
      for (const { poles } of pictures.values()) {
        for (const { width, height } of poles) expect(height).toBeGreaterThan(2 * width);
      }
    }
  });
});

describe('pictures with marks', () => {
  it('show them in their masks, beside people and not over them', () => {
    const mask = new Uint8Array(96 * 96);
    mask[20 * 96 + 41] = 1;
    const drawn = drawMarks(mask, 96, 96, { poles: [SHAFT], unsure: [UNSURE] });
    const at = (x: number, y: number) => drawn[y * 96 + x];
    expect([at(41, 20), at(42, 20), at(38, 20), at(75, 20), at(90, 20)]).toEqual([1, 2, 3, 3, 0]);
    expect([at(41, 9), at(41, 10), at(41, 69), at(41, 70)]).toEqual([3, 2, 2, 3]);
    expect(mask.filter(Boolean).length).toBe(1);
    const { instances } = truePicture(
      {
        frame: { width: 96, height: 96, data: new Uint8ClampedArray(4 * 96 * 96) } as never,
        ...{ mask: drawn, labelled: ['person', 'pole'] },
        annotations: [{ label: 'pole', box: SHAFT, shaft: SHAFT, ignore: false }],
      },
      ['person', 'pole'],
    );
    expect([instances[20 * 96 + 42], instances[20 * 96 + 38], instances[20 * 96 + 90]]).toEqual([
      ...[1, IGNORED_PIXEL, 0],
    ]);
  });

  it('that are close are no streets: nothing is pasted into them', () => {
    const picture: TruePicture = {
      ...{ width: 96, height: 96, rgb: new Uint8Array(3 * 96 * 96).fill(90) },
      ...{ instances: new Uint8Array(96 * 96), objects: [], labelled: [true, true], outlined: true },
    };
    const settings = { ...AUGMENTS.none, pasteShare: 1, distractors: 6 };
    const draw = (pictures: TruePicture[]) =>
      mixPictures([{ name: 'set', weight: 1, pictures }], settings)(seededRandom(1));
    const close = { ...picture, close: true };
    expect(draw([close])).toBe(close);
    expect(draw([picture])).not.toBe(picture);
  });
});
