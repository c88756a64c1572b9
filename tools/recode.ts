/**
 * `node tools/run-typescript.mjs tools/recode.ts [--half-saturation LEVEL --linear-share S] FILE...`: .sacc files to the
 * newest version, in place, weights unchanged; with another response to light (src/network/response.ts) where one is given.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Decoder } from '../src/codec/decode-tensors.ts';
import { recode } from '../src/codec/encoder/recode.ts';
import { readModelJson, writeModelJson } from '../src/codec/model-json.ts';
import { ReferenceDecoder } from '../src/codec/reference-decoder.ts';
import { createWasmDecoder } from '../src/codec/wasm-decoder.ts';
import { NETWORK_SPEC_VERSION } from '../src/network/spec.ts';

const { values, positionals } = parseArgs({
  options: { 'half-saturation': { type: 'string' }, 'linear-share': { type: 'string' } },
  allowPositionals: true,
});
const { 'half-saturation': level, 'linear-share': share } = values;
if (share !== undefined && level === undefined)
  throw new Error('--linear-share needs --half-saturation LEVEL');

/** The JSON of a model with the response that was asked for; the reader refuses what is out of range. */
function withResponse(json: string): string {
  const read = (text: string) => readModelJson(new TextEncoder().encode(text));
  const head = read(json);
  const response = { halfSaturation: Number(level), linearShare: Number(share ?? 0) };
  const changed = writeModelJson({
    ...head,
    network: { ...head.network, version: NETWORK_SPEC_VERSION, ...response },
  });
  read(changed);
  return changed;
}

const wasm = new Decoder(await createWasmDecoder());
for (const file of positionals) {
  const before = new Uint8Array(readFileSync(file));
  const after = recode(before, level === undefined ? {} : { json: withResponse });
  const wanted = new Decoder(new ReferenceDecoder()).decode(before).tensors;
  for (const [i, { name, data }] of wasm.decode(after).tensors.entries()) {
    const same = Buffer.compare(Buffer.from(data.buffer), Buffer.from(wanted[i].data.buffer)) === 0;
    if (!same) throw new Error(`${file}: "${name}" does not come back as it was`);
  }
  writeFileSync(file, after);
  console.log(`${file}: ${before.length} to ${after.length} bytes, ${wanted.length} tensors as they were`);
}
