/** What the build put into other-runtimes/ (demo/vite.config.mjs); paths from the page. */
declare module 'virtual:other-runtimes' {
  export const otherRuntimes: {
    /** Of saccadenet. */
    readonly version: string;
    readonly liteRtVersion: string;
    /** Folders, each with a slash at its end. */
    readonly files: Readonly<Record<'onnx' | 'tfjs' | 'litert', string>>;
    /** The worker's classic script, and all that is loaded with it. */
    readonly backends: Readonly<Record<'wasm' | 'webgpu', { script: string; loadBytes: number }>>;
  };
}
