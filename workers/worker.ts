/**
 * The worker's entry: one engine, exposed with comlink. Built as a classic script of its own (dist/worker.js, and
 * the same inlined into a lazily imported chunk).
 */
import { expose } from 'comlink';
import { Engine } from '../src/session/engine.ts';
import { EngineStreams } from '../src/stream/engine-streams.ts';
import {
  type FromWorker,
  PROTOCOL_VERSION,
  type RemoteEngine,
  sideMessage,
  type ToWorker,
} from './protocol.ts';
import { installThrowHandler } from './throw-handler.ts';

const send = (message: FromWorker) => postMessage(message);

installThrowHandler();
const engine = new Engine((event) => send({ saccadenet: 'event', event }));

addEventListener('message', (event) => {
  const message = sideMessage<ToWorker>(event);
  if (message?.saccadenet === 'hello') send({ saccadenet: 'ready', version: PROTOCOL_VERSION });
  if (message?.saccadenet === 'abort') engine.abort(message.call);
  if (message?.saccadenet === 'reset') engine.reset(message.streamId);
});

expose({
  start: (call, init) => engine.start(call, init),
  detect: (call, frame, options) => engine.detect(call, frame, options),
  sightings: (streamId, trackId) => engine.sightings(streamId, trackId),
  streams: new EngineStreams(engine),
} satisfies RemoteEngine);
