/**
 * Kernels of the wasm backend. The caller (src/backends/wasm) owns the memory and plans where everything lies.
 * All pointers are byte addresses, aligned to 16; all strides are bytes.
 */
export { convolve } from './convolve';
export { averageFrame, convolvePixels, setResponse } from './frame';
export { fillJoin, gatherCells } from './blocks';
export { convolveTiles } from './winograd';
