/**
 * What a contender holds and reads back, counted at the platform's own doors (GPUDevice, GPUBuffer, WebAssembly), so
 * that ours and peers are counted alike and none has to be believed.
 *
 * - GPU bytes: buffers and textures made and not destroyed yet. Destroying a device frees without being seen.
 * - read bytes: mapped for reading.
 * - wasm bytes: linear memories, made or exported by an instance; what the JavaScript heap holds is not counted.
 * Everything is booked to the `owner` at the time; one contender works at a time.
 */

/** GPUMapMode.READ. */
const MAP_READ = 1;
/** Bytes of a texel where it is not 4. */
const TEXEL_BYTES: Readonly<Record<string, number>> = { r8unorm: 1, rgba16float: 8, rgba32float: 16 };

interface Books {
  gpuBytes: number;
  readBytes: number;
  readonly memories: Set<WebAssembly.Memory>;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

export class ResourceMeter {
  owner = '';
  readonly #books = new Map<string, Books>();
  readonly #undo: (() => void)[] = [];

  /** Counts from now until `stop`. */
  start(): void {
    this.#watchGpu();
    this.#watchWasm();
  }

  stop(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  readBytes(owner: string): number {
    return this.#books.get(owner)?.readBytes ?? 0;
  }

  gpuBytes(owner: string): number {
    return this.#books.get(owner)?.gpuBytes ?? 0;
  }

  wasmBytes(owner: string): number {
    let bytes = 0;
    for (const { buffer } of this.#books.get(owner)?.memories ?? []) bytes += buffer.byteLength;
    return bytes;
  }

  #own(): Books {
    let books = this.#books.get(this.owner);
    if (!books) this.#books.set(this.owner, (books = { gpuBytes: 0, readBytes: 0, memories: new Set() }));
    return books;
  }

  #watchGpu(): void {
    const { GPUDevice, GPUBuffer, GPUTexture } = globalThis as Partial<typeof globalThis>;
    if (!GPUDevice || !GPUBuffer || !GPUTexture) return;
    const held = new WeakMap<object, () => void>();
    const hold = (what: unknown, bytes: number) => {
      const books = this.#own();
      books.gpuBytes += bytes;
      held.set(what as object, () => {
        books.gpuBytes -= bytes;
      });
    };
    const free: (method: Method) => Method = (method) =>
      function (this: unknown, ...args) {
        held.get(this as object)?.();
        held.delete(this as object);
        return method.apply(this, args);
      };
    this.#replace(
      GPUDevice.prototype,
      'createBuffer',
      (method) =>
        function (this: unknown, ...args) {
          const buffer = method.apply(this, args);
          hold(buffer, (args[0] as GPUBufferDescriptor).size);
          return buffer;
        },
    );
    this.#replace(
      GPUDevice.prototype,
      'createTexture',
      (method) =>
        function (this: unknown, ...args) {
          const texture = method.apply(this, args) as GPUTexture;
          const { width, height, depthOrArrayLayers, format } = texture;
          hold(texture, width * height * depthOrArrayLayers * (TEXEL_BYTES[format] ?? 4));
          return texture;
        },
    );
    this.#replace(GPUBuffer.prototype, 'destroy', free);
    this.#replace(GPUTexture.prototype, 'destroy', free);
    const own = () => this.#own();
    this.#replace(
      GPUBuffer.prototype,
      'mapAsync',
      (method) =>
        function (this: unknown, ...args) {
          const [mode, offset = 0, size] = args as [number, number?, number?];
          if (mode & MAP_READ) own().readBytes += size ?? (this as GPUBuffer).size - offset;
          return method.apply(this, args);
        },
    );
  }

  #watchWasm(): void {
    const add = (memory: unknown) => {
      if (memory instanceof PlainMemory) this.#own().memories.add(memory);
    };
    const PlainMemory = WebAssembly.Memory;
    WebAssembly.Memory = new Proxy(PlainMemory, {
      construct: (target, args) => {
        const memory = Reflect.construct(target, args) as WebAssembly.Memory;
        add(memory);
        return memory;
      },
    });
    this.#undo.push(() => {
      WebAssembly.Memory = PlainMemory;
    });
    for (const name of ['instantiate', 'instantiateStreaming'] as const) {
      this.#replace(
        WebAssembly,
        name,
        (method) =>
          async function (this: unknown, ...args) {
            const made = (await method.apply(WebAssembly, args)) as
              | WebAssembly.Instance
              | WebAssembly.WebAssemblyInstantiatedSource;
            const { exports } = 'instance' in made ? made.instance : made;
            for (const one of Object.values(exports)) add(one);
            return made;
          },
      );
    }
  }

  #replace(target: object, name: string, wrap: (method: Method) => Method): void {
    const holder = target as Record<string, Method>;
    const method = holder[name];
    if (typeof method !== 'function') return;
    holder[name] = wrap(method);
    this.#undo.push(() => {
      holder[name] = method;
    });
  }
}
