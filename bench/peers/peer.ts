/** A peer: another runtime on the identical dense network, from the frame tensor in memory to both outputs in memory. */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { Size } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';
import type { Contender } from '../contender.ts';

export type PeerBackend = 'wasm' | 'webgpu';

/** Outputs as [places, channels]: `gates` a block, `cells` a cell of the map, row by row. */
export interface DenseTensors {
  readonly gates: Float32Array;
  readonly cells: Float32Array;
}

/** Numbers may differ by rounding only: products are float32 everywhere, but summed in another order. */
export interface PeerContender extends Contender {
  readonly version: string;
  readonly threads: number;
  /** Of the last run; brought into this form outside the clock. */
  outputs(): DenseTensors;
}

/** What a peer's loader makes: the input is the frame tensor in the layout that the peer wants. */
export interface PeerRunner {
  readonly version: string;
  readonly threads: number;
  input(frame: PixelFrame): Float32Array;
  run(input: Float32Array): Promise<DenseTensors>;
  /** Where `run` gives planes: turns them into places. */
  places?(outputs: DenseTensors): DenseTensors;
  release(): void | Promise<void>;
}

export interface Peer {
  /** The package's name. */
  readonly package: string;
  readonly backend: PeerBackend;
  /** Rejects where it cannot run here. */
  load(model: Model, size: Size): Promise<PeerRunner>;
}

export function peerContender(runner: PeerRunner): PeerContender {
  let input: Float32Array;
  let last: DenseTensors;
  return {
    version: runner.version,
    threads: runner.threads,
    prepare: (frame) => {
      input = runner.input(frame);
    },
    run: async () => {
      last = await runner.run(input);
    },
    stages: async () => ({}),
    outputs: () => runner.places?.(last) ?? last,
    release: () => runner.release(),
  };
}
