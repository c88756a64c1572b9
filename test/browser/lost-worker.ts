/** The real worker, whose GPU devices are lost when the page says `lose`. */
import '../../workers/worker.ts';

const devices: GPUDevice[] = [];
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...args) {
  const device = await requestDevice.apply(this, args);
  devices.push(device);
  return device;
};

addEventListener('message', ({ data }) => {
  if (data === 'lose') for (const device of devices.splice(0)) device.destroy();
});
