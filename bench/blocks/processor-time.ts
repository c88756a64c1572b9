/**
 * Milliseconds of processor time that this process has used, all threads together. On a machine that others keep busy
 * it stays what the work costs, where the clock also counts the turns of others; for one thread on an idle machine the
 * two are the same.
 */
const MICROSECONDS = 1000;

export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS;
}
