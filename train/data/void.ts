/**
 * What the labeller of a set gave no class (CamVid's void): twigs before the sky, outlines of walls and kerbs, wires, a sixth of the
 * blocks of some drives, hardly ever a person or a pole. But children and prams are of no class either, and bins and parked bikes.
 * So thin void is known to be nothing; solid void is not judged, and worth no look where no person is near.
 */

/** Half the side of the window by which void is solid, px: a person from 16 px of height on fills it. */
const CORE_RADIUS = 4;
/** Share of that window. */
const CORE_SHARE = 0.8;
/** A child goes beside somebody: half the side of the window in which one is looked for, px. */
const PERSON_RADIUS = 24;

export const NO_VOID = 0;
export const THIN_VOID = 1;
/** With no person near. */
export const LONELY_VOID = 2;
/** With a person near. */
export const ATTENDED_VOID = 3;

/**
 * The kind of void of every pixel, all [height, width].
 * @param isVoid 1 where a pixel is of no class @param isPerson 1 where it shows a person
 */
export function kindsOfVoid(
  isVoid: Uint8Array,
  isPerson: Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const size = { width, height };
  const cores = Uint8Array.from(windowShares(isVoid, size, CORE_RADIUS), (share) =>
    Number(share >= CORE_SHARE),
  );
  const nearCore = windowShares(cores, size, CORE_RADIUS);
  const nearPerson = windowShares(isPerson, size, PERSON_RADIUS);
  return isVoid.map((value, p) => {
    if (value === 0) return NO_VOID;
    if (nearCore[p] === 0) return THIN_VOID;
    return nearPerson[p] === 0 ? LONELY_VOID : ATTENDED_VOID;
  });
}

/** Mean of `values` [height, width] in the window about each pixel, as far as it lies in the picture. */
function windowShares(
  values: Uint8Array,
  { width, height }: { width: number; height: number },
  radius: number,
): Float64Array {
  const stride = width + 1;
  const sums = new Uint32Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++) {
      row += values[y * width + x];
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
    }
  }
  const shares = new Float64Array(values.length);
  for (let y = 0, p = 0; y < height; y++) {
    const [top, foot] = [Math.max(0, y - radius) * stride, Math.min(height, y + radius + 1) * stride];
    for (let x = 0; x < width; x++, p++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
      const sum = sums[foot + right] - sums[top + right] - sums[foot + left] + sums[top + left];
      shares[p] = (sum * stride) / ((right - left) * (foot - top));
    }
  }
  return shares;
}
