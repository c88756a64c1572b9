/** Names of the tfjs backends that training runs on; apart from backend.ts so that naming one loads none. */
export const TRAINING_BACKENDS = ['wasm', 'webgpu', 'cpu'] as const;
export type TrainingBackend = (typeof TRAINING_BACKENDS)[number];
