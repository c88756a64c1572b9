/** Pictures, directories of pictures and clips, named on the command line, as frames one after the other. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { PixelFrame } from '../src/backends/backend.ts';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { decodeImage, readImage } from '../train/data/images.ts';
import { splitMotionJpeg } from '../train/data/motion-jpeg.ts';
import { openY4m } from './y4m.ts';

export interface SourceFrame {
  readonly file: string;
  /** Index in the clip, or in the directory with --video; absent for stills. */
  readonly frame?: number;
  readonly timestampMs?: number;
  /** First frame of a clip: temporal state begins anew. */
  readonly first: boolean;
  /** For the annotated picture, without extension. */
  readonly name: string;
  readonly pixels: PixelFrame;
}

export interface FrameSource {
  readonly frameCount: number;
  readonly isClip: boolean;
  frames(): Iterable<SourceFrame>;
}

/** Clips that need a decoder that is not here. */
const OTHER_CLIP_EXTENSIONS: readonly string[] = ['.mp4', '.mov', '.mkv', '.webm', '.avi', '.m4v'];
const PICTURE_EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png'];
/** Of clips that do not say: files of a directory, concatenated JPEGs. */
const FRAMES_PER_SECOND = 30;
const FRAME_DIGITS = 5;

/**
 * @param video the files of a directory, in name order, are consecutive frames
 * @throws SaccadeNetError INVALID_OPTION for what does not exist or holds no picture
 */
export function openFrameSource(path: string, options: { video: boolean }): FrameSource {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info)
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${path} does not exist; name pictures, directories or clips`,
    );
  if (info.isDirectory()) return options.video ? clipOfDirectory(path) : stillsOfDirectory(path);
  const extension = extname(path).toLowerCase();
  if (extension === '.y4m') return clipOfY4m(path);
  if (extension === '.mjpeg' || extension === '.mjpg') return clipOfMjpeg(path);
  if (OTHER_CLIP_EXTENSIONS.includes(extension)) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${path} is no clip that can be read here; convert it first: ffmpeg -i ${basename(path)} ${stem(path)}.y4m`,
    );
  }
  return stills([path]);
}

function stills(files: readonly string[]): FrameSource {
  return {
    frameCount: files.length,
    isClip: false,
    *frames() {
      for (const file of files) yield { file, first: true, name: stem(file), pixels: readImage(file) };
    },
  };
}

function stillsOfDirectory(directory: string): FrameSource {
  return stills(picturesIn(directory));
}

function clipOfDirectory(directory: string): FrameSource {
  const files = picturesIn(directory);
  return {
    frameCount: files.length,
    isClip: true,
    *frames() {
      for (const [frame, file] of files.entries()) {
        const timestampMs = (1000 * frame) / FRAMES_PER_SECOND;
        yield { file, frame, timestampMs, first: frame === 0, name: stem(file), pixels: readImage(file) };
      }
    },
  };
}

function clipOfY4m(file: string): FrameSource {
  const clip = openY4m(file);
  return {
    frameCount: clip.frameCount,
    isClip: true,
    *frames() {
      let frame = 0;
      for (const pixels of clip.frames()) {
        const timestampMs = (1000 * frame) / clip.framesPerSecond;
        yield { file, frame, timestampMs, first: frame === 0, name: frameName(file, frame), pixels };
        frame++;
      }
    },
  };
}

function clipOfMjpeg(file: string): FrameSource {
  const pictures = splitMotionJpeg(readFileSync(file));
  if (pictures.length === 0) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${file} holds no whole JPEG picture; give concatenated JPEG files`,
    );
  }
  return {
    frameCount: pictures.length,
    isClip: true,
    *frames() {
      for (const [frame, bytes] of pictures.entries()) {
        const pixels = decodeImage(bytes, `frame ${frame} of ${file}`);
        const timestampMs = (1000 * frame) / FRAMES_PER_SECOND;
        yield { file, frame, timestampMs, first: frame === 0, name: frameName(file, frame), pixels };
      }
    },
  };
}

/** Pictures of a directory in name order. */
function picturesIn(directory: string): string[] {
  const isPicture = (entry: Dirent) =>
    !entry.isDirectory() && PICTURE_EXTENSIONS.includes(extname(entry.name).toLowerCase());
  const names = readdirSync(directory, { withFileTypes: true })
    .filter(isPicture)
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `${directory} holds no .jpg or .png file; name another directory`,
    );
  }
  return names.map((name) => join(directory, name));
}

function stem(file: string): string {
  return basename(file, extname(file));
}

function frameName(file: string, frame: number): string {
  return `${stem(file)}-${String(frame).padStart(FRAME_DIGITS, '0')}`;
}
