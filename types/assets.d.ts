/** Assets are inlined by tools/asset-plugin.mjs (shared by rollup and vitest). */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module '*.sacc' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module '*.wgsl' {
  const source: string;
  export default source;
}
/** The script and all it imports as one classic script: `import source from '../../workers/worker.ts?iife'`. */
declare module '*?iife' {
  const source: string;
  export default source;
}
