/** The decoder of coded segments in WebAssembly. */
import { SaccadeNetError } from '../errors/errors.ts';
import type { SymbolDecoder } from './symbol-decoder.ts';

export async function createWasmDecoder(): Promise<SymbolDecoder> {
  throw new SaccadeNetError('UNSUPPORTED', 'The wasm decoder is not built yet.');
}
