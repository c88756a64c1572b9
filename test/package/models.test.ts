/** The models that the package holds: what a user loads works, and is what its card says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { weightShapes } from '../../src/network/spec.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMES = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).files as string[])
  .filter((path) => path.endsWith('.sacc'))
  .map((path) => path.replace(/\.sacc$/, ''));

describe.each(NAMES)('%s', (name) => {
  const bytes = new Uint8Array(readFileSync(join(ROOT, `${name}.sacc`)));

  it('decodes to the same weights by both decoders', async () => {
    const byWasm = await decodeModel(bytes, { decoder: 'wasm' });
    const byReference = await decodeModel(bytes, { decoder: 'reference' });
    expect(byWasm.weights).toEqual(byReference.weights);
    expect(Object.keys(byWasm.scoreThresholds).sort()).toEqual([...byWasm.network.labels].sort());
  });

  it('has the size and the parameters that its card names', async () => {
    const { network } = await decodeModel(bytes);
    const parameters = weightShapes(network).reduce(
      (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
      0,
    );
    const card = readFileSync(join(ROOT, `${name}.md`), 'utf8').replace(/\s+/g, ' ');
    const said = (count: number) => count.toLocaleString('en-US');
    expect(card).toContain(`${said(bytes.length)} bytes, ${said(parameters)} parameters`);
  });
});
