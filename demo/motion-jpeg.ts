/**
 * Motion JPEG as the project writes it: JPEG pictures one after the other, nothing between them.
 * A picture runs from its SOI marker (FF D8) to its EOI marker (FF D9). Segments before the scan are stepped over
 * by their length, so a thumbnail inside one ends nothing; within a scan FF is followed by 00 or a restart marker.
 * Source: ITU-T T.81, annex B.
 */

const MARKER = 0xff;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** The pictures of a clip, as views of `bytes`. Bytes that belong to none (a cut last picture) are left out. */
export function splitMotionJpeg(bytes: Uint8Array): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  let start = 0;
  while (start + 1 < bytes.length) {
    if (bytes[start] !== MARKER || bytes[start + 1] !== SOI) {
      start++;
      continue;
    }
    const end = endOfPicture(bytes, start + 2);
    if (end < 0) break;
    pictures.push(bytes.subarray(start, end));
    start = end;
  }
  return pictures;
}

/** The place after the EOI of the picture whose segments begin at `at`; -1 where it is cut. */
function endOfPicture(bytes: Uint8Array, at: number): number {
  let inScan = false;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== MARKER) {
      at++;
      continue;
    }
    const code = bytes[at + 1];
    if (code === EOI) return at + 2;
    const standsAlone = code === 0 || code === MARKER || (code >= 0xd0 && code <= SOI);
    if (standsAlone || (inScan && code !== SOS && code < 0xc0)) {
      at += code === MARKER ? 1 : 2;
      continue;
    }
    if (at + 3 >= bytes.length) return -1;
    inScan = code === SOS;
    at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
  }
  return -1;
}
