/**
 * A plasma cloud by the diamond-square algorithm (Fournier, Fussell and Carpenter, 1982), as ImageNet-C draws its
 * fog: the square wraps round, and the random part of a level is w * U(-w, w), w divided by `decay` a level.
 */
import type { Random } from '../../random.ts';

const FIRST_WIBBLE = 100;

/** @param least the side is the next power of two; @returns [side, side], from 0 to 1 */
export function plasma(least: number, decay: number, random: Random): { side: number; cloud: Float32Array } {
  let side = 2;
  while (side < least) side *= 2;
  const cloud = new Float32Array(side * side);
  const mask = side - 1;
  let wibble = FIRST_WIBBLE;
  for (let step = side; step >= 2; step /= 2, wibble /= decay) {
    const half = step / 2;
    const noise = () => wibble * wibble * (2 * random() - 1);
    // Centres of squares from their corners.
    for (let y = 0; y < side; y += step) {
      const above = y * side;
      const below = ((y + step) & mask) * side;
      for (let x = 0; x < side; x += step) {
        const right = (x + step) & mask;
        const sum = cloud[above + x] + cloud[above + right] + cloud[below + x] + cloud[below + right];
        cloud[(y + half) * side + x + half] = sum / 4 + noise();
      }
    }
    // Middles of edges from the two corners and the two centres around them.
    for (let y = 0; y < side; y += half) {
      const above = ((y - half) & mask) * side;
      const below = ((y + half) & mask) * side;
      for (let x = y % step === 0 ? half : 0; x < side; x += step) {
        const left = cloud[y * side + ((x - half) & mask)];
        const right = cloud[y * side + ((x + half) & mask)];
        cloud[y * side + x] = (left + right + cloud[above + x] + cloud[below + x]) / 4 + noise();
      }
    }
  }
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < cloud.length; i++) {
    if (cloud[i] < low) low = cloud[i];
    if (cloud[i] > high) high = cloud[i];
  }
  const scale = high > low ? 1 / (high - low) : 0;
  for (let i = 0; i < cloud.length; i++) cloud[i] = (cloud[i] - low) * scale;
  return { side, cloud };
}
