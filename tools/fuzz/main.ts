/**
 * `npm run fuzz [-- --count N --seed S]`: damaged files (default 1,000,000) through both decoders. Fails where one traps,
 * throws anything but a SaccadeNetError of the format, takes more than two seconds of processor time, keeps more memory
 * than a few files within the caller's caps could need, or where the two disagree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder } from '../../src/codec/decode-tensors.ts';
import { encodeTensors } from '../../src/codec/encode-tensors.ts';
import { ReferenceDecoder } from '../../src/codec/reference-decoder.ts';
import { createWasmDecoder } from '../../src/codec/wasm-decoder.ts';
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { mutated } from './mutate.ts';

const CODES = ['MODEL_FORMAT', 'MODEL_VERSION', 'MODEL_CHECKSUM'];
const LIMITS = { maxBytes: 1 << 20, maxParameters: 1 << 17, maxTensors: 64, maxJsonBytes: 1 << 14 };
const SLOWEST_MS = 2000;
/** Decoders take 5 MiB each, a file within LIMITS less than 2; the rest is for what no one has collected yet. */
const MOST_MIB = 256;
/** Every failure is an error: their stacks would take most of the time. */
Error.stackTraceLimit = 0;

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds of this process: on a busy machine the time of others is no part of a case. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function outcome(bytes: Uint8Array, decoder: Decoder): string {
  try {
    const { tensors } = decoder.decode(bytes, LIMITS);
    let sum = tensors.length;
    for (const { data } of tensors) {
      for (const word of new Uint32Array(data.buffer, data.byteOffset, data.length))
        sum = (Math.imul(sum, 31) + word) | 0;
    }
    return `weights ${sum}`;
  } catch (error) {
    if (error instanceof SaccadeNetError && CODES.includes(error.code)) return error.code;
    throw error;
  }
}

const count = option('count', 1_000_000);
const seed = option('seed', 1);
const random = randomFrom(seed);
const normal = () => random() + random() + random() - 1.5;
const small = (shape: number[], name: string) => ({
  name,
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, normal),
});
const golden = (name: string) => new Uint8Array(readFileSync(join('test', 'codec', 'golden', name)));
const seeds = [
  encodeTensors([small([9, 8], 'a')], { sqnrDb: 12 }),
  encodeTensors([small([3, 3, 4, 5], 'k'), small([5], 'b')], { sqnrDb: 15, trellis: true }),
  encodeTensors([small([6, 7], 'f')], { steps: { f: 0.001 } }),
  golden('states-v5.sacc'),
  golden('trellis-v5.sacc'),
  golden('tensors-v5.sacc'),
  golden('states-v4.sacc'),
  golden('trellis-v2.sacc'),
  golden('tensors-v1.sacc'),
];
const decoders = [new Decoder(await createWasmDecoder()), new Decoder(new ReferenceDecoder())];
const tally: Record<string, number> = {};
let slowest = 0;
const started = performance.now();
for (let i = 0; i < count; i++) {
  const bytes = mutated(seeds, random);
  const found: string[] = [];
  for (const decoder of decoders) {
    const before = processorTime();
    try {
      found.push(outcome(bytes, decoder));
    } catch (error) {
      console.error(
        `case ${i} (seed ${seed}), ${decoder.name}: ${error}\n${Buffer.from(bytes).toString('hex')}`,
      );
      process.exit(1);
    }
    slowest = Math.max(slowest, processorTime() - before);
  }
  if (found[0] !== found[1] || slowest > SLOWEST_MS) {
    console.error(`case ${i} (seed ${seed}): ${found.join(' against ')}, slowest ${slowest.toFixed(0)} ms`);
    console.error(Buffer.from(bytes).toString('hex'));
    process.exit(1);
  }
  const kind = found[0].split(' ')[0];
  tally[kind] = (tally[kind] ?? 0) + 1;
  if ((i + 1) % 20_000 === 0 || i + 1 === count) {
    const seconds = (performance.now() - started) / 1000;
    const memory = Math.round(process.memoryUsage().arrayBuffers / 2 ** 20);
    if (memory > MOST_MIB) {
      console.error(`case ${i} (seed ${seed}): ${memory} MiB in arrays`);
      process.exit(1);
    }
    console.log(
      `${i + 1} of ${count} in ${seconds.toFixed(0)} s: ${JSON.stringify(tally)}, slowest ${slowest.toFixed(0)} ms, ${memory} MiB in arrays`,
    );
  }
}
console.log(`${count} damaged files through both decoders: no trap, no hang, no disagreement`);
