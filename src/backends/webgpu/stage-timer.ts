/** How long the stages of a frame took on the device, by timestamp queries. */
import { USAGE } from './device.ts';

/** Stages of a frame at most; two timestamps of 8 bytes each. */
const STAGES = 8;
const TIMESTAMP_BYTES = 8;

export class StageTimer {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #names: string[] = [];

  /** Synchronous, for an error scope. @param device with the feature `timestamp-query` */
  constructor(device: GPUDevice) {
    this.#queries = device.createQuerySet({ label: 'stages', type: 'timestamp', count: 2 * STAGES });
    this.#resolved = device.createBuffer({
      label: 'stage times',
      size: 2 * STAGES * TIMESTAMP_BYTES,
      usage: USAGE.queryResolve | USAGE.copySource,
    });
  }

  get bytes(): number {
    return this.#resolved.size;
  }

  /** The descriptor of a stage's pass. */
  writes(name: string): GPUComputePassDescriptor {
    let index = this.#names.indexOf(name);
    if (index < 0) index = this.#names.push(name) - 1;
    return {
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    };
  }

  /** Copies the times into `staging` from byte `at` on. */
  copy(encoder: GPUCommandEncoder, staging: GPUBuffer, at: number): void {
    const count = 2 * this.#names.length;
    encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, at, count * TIMESTAMP_BYTES);
  }

  /** Milliseconds by stage. @param bytes what `copy` copied, and more */
  read(bytes: ArrayBuffer): Record<string, number> {
    const times = new BigUint64Array(bytes);
    return Object.fromEntries(
      this.#names.map((name, i) => [name, Number(times[2 * i + 1] - times[2 * i]) / 1e6]),
    );
  }

  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
