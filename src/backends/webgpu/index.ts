/** The WebGPU backend, as the layers above import it. */
export { WebgpuBackend, type WebgpuOptions, webgpuBackend } from './webgpu-backend.ts';
