/** What `npm pack` would publish, and that the command runs from it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { distFile, ROOT } from './bundle.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

function packed(): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  });
  return JSON.parse(output)[0].files.map(({ path }: { path: string }) => path);
}

function saccadenet(...args: string[]) {
  return spawnSync(process.execPath, [join(ROOT, 'bin', 'saccadenet.js'), ...args], { encoding: 'utf8' });
}

describe('the package', () => {
  const files = packed();

  it('holds every file that package.json names', () => {
    const named = [
      manifest.main,
      manifest.types,
      ...Object.values(manifest.bin as Record<string, string>),
      ...Object.values(manifest.exports as Record<string, string | Record<string, string>>).flatMap(
        (target) => (typeof target === 'string' ? [target] : Object.values(target)),
      ),
    ].filter((path) => !path.includes('*'));
    const missing = named
      .map((path) => path.replace(/^\.\//, ''))
      .filter((path) => !files.includes(path) || !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  it('holds the model, the licence and no sources, tests, pictures of data sets or training state', () => {
    for (const name of ['people-vs-poles', 'people-vs-poles-small', 'people-vs-poles-open']) {
      expect(files).toContain(`models/${name}.sacc`);
      expect(files).toContain(`models/${name}.md`);
    }
    expect(files).toContain('LICENSE');
    expect(
      files.filter((path) => /^(src|test|train|cli|demo|build|assembly|node_modules|\.runs)\//.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => /^dist\/demo\//.test(path))).toEqual([]);
  });

  it('has no dependency that must be installed beside it', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.peerDependencies ?? {}).toEqual({});
  });

  it('lists the worker among the files with side effects, or bundlers empty it', () => {
    expect(manifest.sideEffects).toContain('./dist/worker.js');
  });
});

describe('bin/saccadenet.js', () => {
  it('prints the version and the commands', () => {
    distFile('cli.js');
    expect(saccadenet('--version').stdout.trim()).toBe(manifest.version);
    const help = saccadenet('--help');
    expect(help.status).toBe(0);
    for (const command of ['detect', 'evaluate', 'inspect', 'train', 'scenes']) {
      expect(help.stdout).toContain(command);
    }
  });

  it('every command has help', () => {
    const commands = [
      'detect',
      'evaluate',
      'inspect',
      'compress',
      'decompress',
      'train',
      'export',
      'scenes',
      'bench',
    ];
    for (const command of commands) {
      const { status, stdout, stderr } = saccadenet(command, '--help');
      expect(stderr, command).toBe('');
      expect(status, command).toBe(0);
      expect(stdout, command).toContain(`saccadenet ${command}`);
    }
  });

  it('answers bad usage with exit code 2 and one line', () => {
    const { status, stdout, stderr } = saccadenet('detekt');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
