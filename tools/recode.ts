/** `node tools/run-typescript.mjs tools/recode.ts FILE...`: .sacc files to the newest version, in place, weights unchanged. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Decoder } from '../src/codec/decode-tensors.ts';
import { recode } from '../src/codec/encoder/recode.ts';
import { ReferenceDecoder } from '../src/codec/reference-decoder.ts';
import { createWasmDecoder } from '../src/codec/wasm-decoder.ts';

const wasm = new Decoder(await createWasmDecoder());
for (const file of process.argv.slice(2)) {
  const before = new Uint8Array(readFileSync(file));
  const after = recode(before);
  const wanted = new Decoder(new ReferenceDecoder()).decode(before).tensors;
  for (const [i, { name, data }] of wasm.decode(after).tensors.entries()) {
    const same = Buffer.compare(Buffer.from(data.buffer), Buffer.from(wanted[i].data.buffer)) === 0;
    if (!same) throw new Error(`${file}: "${name}" does not come back as it was`);
  }
  writeFileSync(file, after);
  console.log(`${file}: ${before.length} to ${after.length} bytes, ${wanted.length} tensors as they were`);
}
