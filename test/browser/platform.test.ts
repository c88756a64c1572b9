/** What the browser suite stands on: real WebGPU and a camera. Fails, rather than skips, where either is absent. */
import { expect, it } from 'vitest';

it('has a WebGPU device that computes', async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  expect(adapter, 'no WebGPU adapter: Chromium needs the flags of tools/chromium.mjs').toBeTruthy();
  const device = await adapter!.requestDevice();
  const bytes = 64 * 4;
  const source = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const target = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const code = `@group(0) @binding(0) var<storage, read_write> data: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { data[id.x] = f32(id.x) * 2.0; }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const layout = pipeline.getBindGroupLayout(0);
  const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: source } }] });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(source, 0, target, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await target.mapAsync(GPUMapMode.READ);
  expect(new Float32Array(target.getMappedRange())[63]).toBe(126);
  device.destroy();
});

it('has a camera that delivers frames', async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  expect(video.videoWidth).toBeGreaterThan(0);
  for (const track of stream.getTracks()) track.stop();
});
