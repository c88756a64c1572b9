/** The real worker, which can say what became of the camera's frames in it, and can be told to crash. */
import '../../workers/worker.ts';
import './api-crash-worker.ts';

/** Every VideoFrame that was read here. */
const given: VideoFrame[] = [];
const givenMs: number[] = [];
const { read } = ReadableStreamDefaultReader.prototype;
ReadableStreamDefaultReader.prototype.read = async function () {
  const chunk = await read.call(this);
  if (chunk.value instanceof VideoFrame) {
    given.push(chunk.value);
    givenMs.push(chunk.value.timestamp / 1000);
  }
  return chunk;
};

addEventListener('message', ({ data }) => {
  if (data?.askFrames) postMessage({ givenMs, open: given.filter(({ format }) => format !== null).length });
});
