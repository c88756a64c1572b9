/** What WebGPU adapter there is, if any. Touches no global before it is called. */
import { isSoftware, requestAdapter } from '../backends/webgpu/device.ts';

export type AdapterKind = 'hardware' | 'software' | 'none';

/** Never throws; `reason` is a sentence where there is none. */
export async function webgpuAdapter(
  powerPreference?: GPUPowerPreference,
): Promise<{ kind: AdapterKind; reason?: string }> {
  const answer = await requestAdapter(powerPreference);
  if ('reason' in answer) return { kind: 'none', reason: answer.reason };
  return { kind: isSoftware(answer.adapter.info) ? 'software' : 'hardware' };
}
