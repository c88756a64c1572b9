/** What WebGPU adapter there is, if any. Touches no global before it is called. */

export type AdapterKind = 'hardware' | 'software' | 'none';

/** Names under which Chromium's, Mesa's and Windows' software rasterisers report themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|software/i;

/** Never throws; `reason` is a sentence where there is none. */
export async function webgpuAdapter(
  powerPreference?: GPUPowerPreference,
): Promise<{ kind: AdapterKind; reason?: string }> {
  const gpu = typeof navigator === 'undefined' ? undefined : navigator.gpu;
  if (!gpu)
    return {
      kind: 'none',
      reason: 'There is no navigator.gpu here; WebGPU needs a recent browser and https.',
    };
  try {
    const adapter = await gpu.requestAdapter(powerPreference ? { powerPreference } : {});
    if (!adapter)
      return { kind: 'none', reason: 'The browser has WebGPU but offers no adapter for this machine.' };
    return { kind: isSoftware(adapter) ? 'software' : 'hardware' };
  } catch (error) {
    return { kind: 'none', reason: `The request for a WebGPU adapter failed: ${String(error)}` };
  }
}

function isSoftware(adapter: GPUAdapter): boolean {
  const { info } = adapter;
  // `isFallbackAdapter` moved from the adapter to its info; both are in use.
  if (info?.isFallbackAdapter || (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter) return true;
  return SOFTWARE.test([info?.vendor, info?.architecture, info?.device, info?.description].join(' '));
}
