/**
 * `train` from dist/ in plain Node, which must find tfjs and its gradients by itself: vitest, which resolves modules
 * as bundlers do, would not notice. A checkpoint that is not whole ends the run once all is loaded and started.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writePng } from '../../train/data/images.ts';
import { randomFrame } from '../conformance/random.ts';
import { distFile, ROOT } from './bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccadenet-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the built train command starts tfjs', () => {
  distFile('cli.js');
  const size = { width: 64, height: 48 };
  mkdirSync(join(folder, 'images'));
  writePng(join(folder, 'images', '1.png'), randomFrame(size, 1));
  const images = [{ id: 1, file_name: 'images/1.png', ...size }];
  writeFileSync(join(folder, 'annotations.json'), JSON.stringify({ images, annotations: [] }));
  const out = join(folder, 'model.sacc');
  mkdirSync(`${out}.run`);
  const state = { step: 1, arrays: [{ name: 'a', length: 1 }] };
  writeFileSync(join(`${out}.run`, 'state.json'), JSON.stringify(state));
  writeFileSync(join(`${out}.run`, 'arrays.f32'), '');
  const bin = join(ROOT, 'bin', 'saccadenet.js');
  const argv = [bin, 'train', '--data', folder, '-o', out, '--resume', '--steps', '1'];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(stderr).toContain('is of another network; delete the folder and train anew');
  expect(status).toBe(1);
});
