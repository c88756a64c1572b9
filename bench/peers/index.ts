/** The peers of a backend, by the names of their packages. Each is loaded only when its turn comes. */

import type { Size } from '../../src/network/geometry.ts';
import type { Model } from '../../src/network/spec.ts';
import type { Entrant } from '../contender.ts';
import { type Peer, type PeerBackend, type PeerContender, peerContender } from './peer.ts';

/** Node, a page of headless Chromium, or a page of the user's own browser. */
export type BenchHost = 'node' | 'chromium' | 'page';

/** @param host where the benchmark runs: some runtimes start in browsers only. */
export function peersOf(backend: PeerBackend, host: BenchHost): Peer[] {
  return [
    {
      package: 'onnxruntime-web',
      backend,
      load: async (model, size) => {
        // In Node, on Dawn, its first frame did not come within minutes (onnxruntime-web 1.30, webgpu 0.6.2).
        if (backend === 'webgpu' && host === 'node')
          throw new Error('webgpu runs in browsers only: --host chromium');
        return (await import('./onnxruntime.ts')).loadOnnxRuntime(backend, model, size);
      },
    },
    {
      package: `@tensorflow/tfjs-backend-${backend}`,
      backend,
      load: async (model, size) => (await import('./tfjs.ts')).loadTfjs(backend, model, size),
    },
    {
      package: '@litertjs/core',
      backend,
      load: async (model, size) => (await import('./litert.ts')).loadLiteRt(backend, model, size),
    },
  ];
}

/** As in the ratios' keys: 'onnxruntime-web wasm', 'tfjs-backend-webgpu', '@litertjs/core wasm'. */
export function peerName({ package: name, backend }: Pick<Peer, 'package' | 'backend'>): string {
  return name.endsWith(backend) ? name : `${name} ${backend}`;
}

export function peerEntrant(peer: Peer, model: Model, size: Size): Entrant<PeerContender> {
  return { name: peerName(peer), open: async () => peerContender(await peer.load(model, size)) };
}
