/**
 * Which pictures may be used for anything, commercial use included, by what their publishers declare: for models
 * whose users need clear no rights. What is not declared counts as not allowed.
 */
import type { CocoFile, CocoImage } from './coco.ts';

/** How a permissive `info.licence` begins; terms that forbid commercial use or derivatives match none. */
const PERMISSIVE = /^(CC0|CC BY(-SA)? \d|MIT|Apache|BSD|public domain|the project’s own; any use)/i;

/** An image's own word counts before its set's. */
export function isPermissive(image: CocoImage, info: CocoFile['info']): boolean {
  return image.permissive ?? PERMISSIVE.test(info?.licence ?? '');
}
