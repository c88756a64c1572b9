/** Bad files, folders and data sets on the command line: exit 1, nothing on stdout, one line that says what to do. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeError } from '../../cli/describe-error.ts';
import { main } from '../../cli/main.ts';
import { makeFolder } from '../../train/data/files.ts';
import { makeSampleFiles, type SampleFiles } from './sample-files.ts';

let files: SampleFiles;
beforeAll(() => {
  files = makeSampleFiles();
});
afterAll(() => rmSync(files.directory, { recursive: true, force: true }));

const at = (name: string) => join(files.directory, name);

function written(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** The one line of a command line that must fail. */
async function failure(...argv: string[]): Promise<string> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += text;
      return true;
    }),
  );
  let code: number;
  try {
    code = await main(argv);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect([code, texts.stdout], texts.stderr).toEqual([1, '']);
  expect(texts.stderr).toMatch(/^saccadenet: [^\n]+\n$/);
  return texts.stderr;
}

describe('places that cannot be written', () => {
  it('below a file', async () => {
    const file = written('file', '');
    const picture = join(files.pictures, 'a.jpg');
    const detect = ['detect', picture, '--model', files.model, '--json', '--out'];
    expect(await failure(...detect, file)).toMatch(
      /cannot make the folder .*file: it is a file; name another/,
    );
    expect(await failure(...detect, join(file, 'in'))).toMatch(
      /cannot make .*: a part of the path is no folder/,
    );
    const scenes = ['scenes', '--frames', '1', '--seed', '1', '--json', '-o'];
    expect(await failure(...scenes, file)).toMatch(
      /cannot make the folder .*: a part of the path is no folder/,
    );
    mkdirSync(join(at('taken'), 'a.png'), { recursive: true });
    expect(await failure(...detect, at('taken'))).toMatch(
      /cannot open .*a\.png: it is a folder; check the path/,
    );
    expect(await failure('decompress', files.model, '-o', at('none/x'))).toMatch(
      /no such .*; check the path/,
    );
  });

  it.runIf(existsSync('/proc/self'))(
    'a folder that takes no others, where mkdir of Node never returns',
    () => {
      expect(() => makeFolder('/proc/saccadenet/deep')).toThrow(
        /cannot make the folder .*; name another place/,
      );
    },
  );

  it('folders are made with those above them', () => {
    makeFolder(at('a/b/c'));
    makeFolder(at('a/b/c'));
    expect(existsSync(at('a/b/c'))).toBe(true);
  });
});

describe('files that are not what they should be', () => {
  it('damaged models, with their name', async () => {
    const bytes = readFileSync(files.model);
    const flipped = Uint8Array.from(bytes);
    flipped[bytes.length >> 1] ^= 16;
    const models: [string, Uint8Array, RegExp][] = [
      ['empty.sacc', new Uint8Array(0), /empty\.sacc: 0 bytes are too few .* fetch/],
      ['short.sacc', bytes.subarray(0, -9), /short\.sacc: .* fetch/],
      ['flipped.sacc', flipped, /flipped\.sacc: The checksum .* fetch/],
    ];
    for (const [name, content, message] of models) {
      const file = written(name, content);
      expect(await failure('inspect', file, '--json')).toMatch(message);
      expect(await failure('export', file, '--safetensors', at('x'))).toMatch(message);
      expect(await failure('decompress', file, '-o', at('x'))).toMatch(message);
      expect(await failure('detect', files.pictures, '--model', file, '--json')).toMatch(message);
    }
    const tensors = written('bad.safetensors', 'garbage');
    expect(await failure('compress', tensors, '-o', at('x'))).toMatch(/bad\.safetensors: /);
  });

  it('empty and cut pictures', async () => {
    const detect = (file: string) => failure('detect', file, '--model', files.model, '--json');
    expect(await detect(written('empty.png', ''))).toMatch(/empty\.png is empty; give a whole JPEG or PNG/);
    const jpeg = readFileSync(join(files.pictures, 'a.jpg'));
    expect(await detect(written('cut.jpg', jpeg.subarray(0, 400)))).toMatch(
      /cut\.jpg is damaged: .*; give a whole/,
    );
    const png = readFileSync(join(files.pictures, 'b.png'));
    expect(await detect(written('cut.png', png.subarray(0, 400)))).toMatch(
      /cut\.png is damaged: .*; give a whole/,
    );
  });

  it('data sets', async () => {
    const evaluate = (text: string, prepare: (set: string) => void = () => {}) => {
      const set = at('set');
      rmSync(set, { recursive: true, force: true });
      cpSync(files.data, set, { recursive: true });
      if (text !== '') writeFileSync(join(set, 'annotations.json'), text);
      prepare(set);
      return failure('evaluate', '--data', set, '--model', files.model, '--json');
    };
    const coco = JSON.parse(readFileSync(join(files.data, 'annotations.json'), 'utf8'));
    const changed = (change: (copy: typeof coco) => void) => {
      const copy = structuredClone(coco);
      change(copy);
      return JSON.stringify(copy);
    };
    expect(await evaluate('{')).toMatch(/no data set: .*JSON.*; --data wants a folder/);
    expect(await evaluate('null')).toMatch(/no data set: .*no images or annotations/);
    expect(await evaluate('{"images":[],"annotations":[]}')).toMatch(/holds no images: .* give another/);
    const wrong: [(copy: typeof coco) => void, RegExp][] = [
      [(c) => delete c.images[1].file_name, /images\[1\]\.file_name is undefined; it must be a path/],
      [(c) => (c.images[1].id = 1), /images\[1\]\.id is 1; it must be of this image alone/],
      [(c) => (c.images[0].width = 0), /images\[0\]\.width is 0; .* px above 0/],
      [
        (c) => (c.annotations[2].bbox = ['a', 1]),
        /annotations\[2\]\.bbox is \["a",1\]; .* \[x, y, width, height\]/,
      ],
      [(c) => (c.annotations[1].shaft = [1, 2, -3, 4]), /annotations\[1\]\.shaft/],
      [(c) => (c.images[0].width = 65), /1\.png is 64x48 but annotations\.json has it at 65x48; scale/],
    ];
    for (const [change, message] of wrong) expect(await evaluate(changed(change))).toMatch(message);
    const without = (path: string) => (set: string) => rmSync(join(set, path));
    expect(await evaluate('', without('images/2.png'))).toMatch(
      /cannot read .*2\.png: there is no such file/,
    );
    expect(await evaluate('', without('masks/3.png'))).toMatch(
      /cannot read .*masks.3\.png: there is no such/,
    );
    expect(await evaluate('', without('annotations.json'))).toMatch(/no data set: .*there is no such file/);
  });
});

it('train looks at everything before the long work', async () => {
  const train = (...argv: string[]) => failure('train', '--data', files.data, ...argv);
  const out = ['-o', at('trained.sacc')];
  expect(await train('-o', files.directory)).toMatch(/is a folder; give a file/);
  expect(await train(...out, '--sequences', 'S9')).toMatch(
    /no set of --data has a sequence 'S9'; they have /,
  );
  expect(await train(...out, '--exclude-sequences', 'S9')).toMatch(
    /no set of --data has a sequence 'S9'; they have /,
  );
  expect(await train(...out, '--init', at('none.sacc'))).toMatch(
    /cannot read .*none\.sacc: .*check the path/,
  );
  expect(await train(...out, '--init', join(files.pictures, 'a.jpg'))).toMatch(/a\.jpg: .* no \.sacc file/);
  expect(await train(...out, '--calibrate-data', at('none'))).toMatch(/none is no data set/);
  expect(existsSync(at('trained.sacc'))).toBe(false);
});

describe('errors of any kind', () => {
  it('a package that is not installed beside the library', () => {
    const error = Object.assign(
      new Error("Cannot find package '@tensorflow/tfjs-core' imported from /x.js"),
      {
        code: 'ERR_MODULE_NOT_FOUND',
      },
    );
    expect(describeError(error)).toMatch(
      /needs the package @tensorflow\/tfjs-core, .* npm install "@tensorflow\/tfjs-core@/,
    );
  });

  it('what nobody foresaw, on one line', () => {
    expect(describeError(new TypeError('x is\n undefined'))).toMatch(
      /^failed unexpectedly \(x is undefined\); .*SACCADENET_DEBUG=1/,
    );
    expect(describeError('text')).toBe('text');
  });
});
