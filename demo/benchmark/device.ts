/** What this device and browser say of themselves. Nothing is asked of another origin. */
import { checkSupport } from 'saccadenet';

export interface Device {
  readonly userAgent: string;
  readonly cores: number;
  /** As the browser tells it: rounded, and not everywhere. */
  readonly memoryGb?: number;
  /** Name of the adapter; the browser may hide it. */
  readonly gpu?: string;
  /** Emulated on the processor. */
  readonly softwareGpu?: boolean;
  readonly backends: Readonly<Record<'webgpu' | 'wasm', { available: boolean; reason?: string }>>;
}

export async function describeDevice(): Promise<Device> {
  const { webgpu, wasm } = await checkSupport();
  const { userAgent, hardwareConcurrency, deviceMemory } = navigator as Navigator & { deviceMemory?: number };
  const info = webgpu.available ? (await navigator.gpu.requestAdapter())?.info : undefined;
  const named =
    info && (info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' '));
  return {
    userAgent,
    cores: hardwareConcurrency,
    ...(deviceMemory === undefined ? {} : { memoryGb: deviceMemory }),
    ...(info ? { gpu: named || 'not named by the browser', softwareGpu: webgpu.adapter === 'software' } : {}),
    backends: { webgpu: pick(webgpu), wasm: pick(wasm) },
  };
}

function pick({ available, reason }: { available: boolean; reason?: string }) {
  return { available, ...(reason === undefined ? {} : { reason }) };
}
