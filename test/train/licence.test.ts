/** Pictures that any use is allowed of, told from the others by what a set declares. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../train/data/dataset.ts';

const folders: string[] = [];

/** A set with this licence, and images with these words of their own. */
function setWith(licence: string | undefined, permissive: (boolean | undefined)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'saccadenet-licence-'));
  folders.push(folder);
  const images = permissive.map((value, i) => ({
    ...{ id: i, file_name: `images/${i}.jpg`, width: 8, height: 8 },
    ...(value === undefined ? {} : { permissive: value }),
  }));
  const file = { info: { licence }, images, annotations: [] };
  writeFileSync(join(folder, 'annotations.json'), JSON.stringify(file));
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('permissive pictures', () => {
  const permissiveOnly = true;

  it('an image counts by its own word, else by the licence of its set', () => {
    const mixed = openDataset(setWith('Annotations CC BY 4.0', [true, false, undefined]), { permissiveOnly });
    expect(mixed.images.map(({ id }) => id)).toEqual([0]);
    const open = openDataset(setWith('CC BY 4.0 (data.yaml of the export)', [undefined]), { permissiveOnly });
    expect(open.images.length).toBe(1);
  });

  it.each(['CC BY-NC 4.0', 'Not stated (commonly CC BY 4.0, unverified)', undefined])(
    '%s allows no use that is not declared',
    (licence) => {
      expect(() => openDataset(setWith(licence, [undefined]), { permissiveOnly })).toThrow(/allows any use/);
      expect(openDataset(setWith(licence, [undefined])).images.length).toBe(1);
    },
  );
});
