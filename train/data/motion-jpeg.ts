/** Cuts a file of concatenated JPEG pictures (.mjpeg) into its pictures, by the markers of ITU-T T.81. Pure. */

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const FIRST_RESTART = 0xd0;
const LAST_RESTART = 0xd7;
/** TEM, the other marker without a length. */
const TEMPORARY = 0x01;

/** Views of `bytes`, one a picture; bytes between pictures and a last picture that is cut off are left out. */
export function splitMotionJpeg(bytes: Uint8Array): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  let at = 0;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== MARKER || bytes[at + 1] !== START_OF_IMAGE) {
      at++;
      continue;
    }
    const end = endOfPicture(bytes, at + 2);
    if (end < 0) break;
    pictures.push(bytes.subarray(at, end));
    at = end;
  }
  return pictures;
}

/** The place after the end marker, or -1. Segments are jumped over: a thumbnail within one is no picture. */
function endOfPicture(bytes: Uint8Array, at: number): number {
  while (at + 1 < bytes.length) {
    if (bytes[at] !== MARKER) {
      at++; // entropy-coded data
      continue;
    }
    const code = bytes[at + 1];
    if (code === END_OF_IMAGE) return at + 2;
    if (code === MARKER) {
      at++; // fill byte
    } else if (code === 0 || code === TEMPORARY || (code >= FIRST_RESTART && code <= LAST_RESTART)) {
      at += 2; // stuffed byte or a marker that stands alone
    } else {
      if (code === START_OF_IMAGE || at + 3 >= bytes.length) return -1;
      at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    }
  }
  return -1;
}
