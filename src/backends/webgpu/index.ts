export { WebgpuBackend, type WebgpuOptions, webgpuBackend } from './webgpu-backend.ts';
