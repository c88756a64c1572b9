// What is alive on the GPU, and losses of devices where a test wants them. Wraps the WebGPU classes of this page, so
// it sees in-thread nets only. Plain JavaScript: the soak's page loads it as it is, and the browser tests too.

/** Calls by which a frame reaches the GPU and comes back: the places where a device may be lost under way. */
const FRAME_CALLS = [
  ['GPUQueue', 'writeBuffer'],
  ['GPUQueue', 'writeTexture'],
  ['GPUQueue', 'copyExternalImageToTexture'],
  ['GPUQueue', 'submit'],
  ['GPUDevice', 'importExternalTexture'],
  ['GPUDevice', 'createCommandEncoder'],
  ['GPUDevice', 'popErrorScope'],
  ['GPUBuffer', 'mapAsync'],
  ['GPUBuffer', 'getMappedRange'],
];
const CREATORS = ['createBuffer', 'createTexture', 'createQuerySet'];

/**
 * @typedef {object} Ledger
 * @property {() => GPUDevice[]} devices those that were asked for and not destroyed by their owner
 * @property {() => { objects: number, bytes: number }} live buffers, textures and query sets of those devices
 * @property {() => Promise<void>} loseAll loses every device, as a driver that restarts does
 * @property {(work: () => Promise<unknown>) => Promise<string[]>} frameCalls names of the calls `work` makes
 * @property {(index: number, manner: 'before' | 'after') => { done: boolean }} loseAt loses the devices at the
 *   call of that number from now on
 * @property {() => void} close puts the classes back
 */

/** @returns {Ledger} */
export function openLedger() {
  const undo = [];
  /** @type {Map<GPUDevice, Map<object, number>>} live objects of a device and their bytes */
  const live = new Map();
  const lose = GPUDevice.prototype.destroy;
  let onCall = () => {};

  const wrap = (owner, name, make) => {
    const original = owner.prototype[name];
    owner.prototype[name] = make(original);
    undo.push(() => {
      owner.prototype[name] = original;
    });
  };
  wrap(
    GPUAdapter,
    'requestDevice',
    (original) =>
      async function (...args) {
        const device = await original.apply(this, args);
        live.set(device, new Map());
        return device;
      },
  );
  wrap(
    GPUDevice,
    'destroy',
    (original) =>
      function () {
        live.delete(this);
        return original.call(this);
      },
  );
  for (const name of CREATORS) {
    wrap(
      GPUDevice,
      name,
      (original) =>
        function (...args) {
          const made = original.apply(this, args);
          live.get(this)?.set(made, made.size ?? 0);
          return made;
        },
    );
  }
  for (const owner of [GPUBuffer, GPUTexture, GPUQuerySet]) {
    wrap(
      owner,
      'destroy',
      (original) =>
        function () {
          for (const objects of live.values()) objects.delete(this);
          return original.call(this);
        },
    );
  }
  for (const [owner, name] of FRAME_CALLS) {
    wrap(
      globalThis[owner],
      name,
      (original) =>
        function (...args) {
          const after = onCall(`${owner}.${name}`);
          try {
            return original.apply(this, args);
          } finally {
            after?.();
          }
        },
    );
  }
  const loseAll = () => {
    for (const device of live.keys()) lose.call(device);
  };
  return {
    devices: () => [...live.keys()],
    live: () => {
      const sizes = [...live.values()].flatMap((objects) => [...objects.values()]);
      return { objects: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
    },
    loseAll: async () => {
      const lost = [...live.keys()].map((device) => device.lost);
      loseAll();
      await Promise.all(lost);
    },
    frameCalls: async (work) => {
      const calls = [];
      onCall = (name) => void calls.push(name);
      await work();
      onCall = () => {};
      return calls;
    },
    loseAt: (index, manner) => {
      const state = { done: false };
      let count = 0;
      onCall = () => {
        if (count++ !== index) return;
        onCall = () => {};
        state.done = true;
        if (manner === 'after') return loseAll;
        loseAll();
      };
      return state;
    },
    close: () => {
      for (const back of undo.reverse()) back();
    },
  };
}
