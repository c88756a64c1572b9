/** The shipped model, in a chunk of its own: imported only where no model is named. */
import bytes from '../../models/people-vs-poles.sacc';

export const defaultModelBytes: Uint8Array<ArrayBuffer> = bytes;
