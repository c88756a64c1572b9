/** Binary assets are inlined as bytes by tools/asset-plugin.mjs (shared by rollup and vitest). */
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
