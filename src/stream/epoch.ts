/** Milliseconds since 1970 that only rise, alike in a page and its workers. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
