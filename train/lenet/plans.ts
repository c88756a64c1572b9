/** What run.ts does with each net: how long it trains, and through which sizes it compresses. */
import type { NetName } from './architecture.ts';
import type { Stop } from './compress-path.ts';

export interface NetPlan {
  readonly denseEpochs: number;
  /** Trained on after that without compression, for comparison. */
  readonly longerEpochs: number;
  readonly peakRate: number;
  /** Pixels that pictures are moved by at most, where they are. */
  readonly shift: number;
  /** What the whole file is worth in training, nats: its gradient draws weights to zero. */
  readonly worth: number;
  /** In the loop: from stop to stop. */
  readonly stops: readonly Stop[];
  /** Sizes that the trained net is compressed to at once, and how long it is trained thereafter where it is. */
  readonly after: readonly number[];
  readonly tunedEpochs: number;
}

/** @param text stops as bytes:epochs; an S after it tries more than what won last time */
function stops(text: string): Stop[] {
  return text.split(' ').map((stop) => {
    const [bytes, epochs] = stop.split(':');
    return { bytes: Number(bytes), epochs: Number.parseFloat(epochs), search: epochs.endsWith('S') };
  });
}

export const PLANS: Record<NetName, NetPlan> = {
  'lenet-300-100': {
    denseEpochs: 2,
    longerEpochs: 6,
    peakRate: 1.5e-3,
    shift: 1,
    worth: 0.05,
    stops: stops('30000:.3 16000:.7 10400:4 8000:30 6400:6 5200:6S 4900:15 4200:12 3600:15 3000:20'),
    after: [30_000, 10_400],
    tunedEpochs: 6,
  },
  'lenet-5': {
    denseEpochs: 0.7,
    longerEpochs: 3,
    peakRate: 1.5e-3,
    shift: 1,
    worth: 0.05,
    stops: stops('30000:.2 14000:.8 8300:2.5 7500:10 6500:4 5000:8 4000:8S 3300:15 2800:20 2300:20S'),
    after: [30_000, 8300],
    tunedEpochs: 6,
  },
};
