/**
 * The command line: finds the command by name, loads only that one, and turns errors into one line on stderr
 * and an exit code: 0 success, 2 bad usage, 1 failure. bin/saccadenet.js calls `main`.
 */
import { readFileSync } from 'node:fs';
import { reasonOf } from '../train/data/files.ts';
import { type Command, UsageError } from './arguments.ts';
import { describeError } from './describe-error.ts';

export type { DetectSummary, RunDetectOptions } from './run-detect.ts';

/** package.json lies one folder up, from cli/ as from dist/. */
const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'detect',
    summary: 'find people and poles in pictures and clips',
    load: async () => (await import('./detect.ts')).command,
  },
  {
    name: 'evaluate',
    summary: 'score a model on labelled frames',
    load: async () => (await import('./evaluate.ts')).command,
  },
  {
    name: 'inspect',
    summary: 'show what a .sacc model file holds',
    load: async () => (await import('./inspect.ts')).command,
  },
  {
    name: 'compress',
    summary: 'safetensors weights to a .sacc file',
    load: async () => (await import('./compress.ts')).command,
  },
  {
    name: 'decompress',
    summary: 'a .sacc file to safetensors weights',
    load: async () => (await import('./decompress.ts')).command,
  },
  {
    name: 'train',
    summary: 'train a model on labelled frames',
    load: async () => (await import('./train.ts')).command,
  },
  {
    name: 'average',
    summary: 'the mean of several runs of training',
    load: async () => (await import('./average.ts')).command,
  },
  {
    name: 'export',
    summary: 'write the dense network as ONNX or safetensors',
    load: async () => (await import('./export.ts')).command,
  },
  {
    name: 'scenes',
    summary: 'render procedural street scenes with labels',
    load: async () => (await import('./scenes.ts')).command,
  },
  {
    name: 'bench',
    summary: 'measure speed, beside peers',
    load: async () => (await import('./bench.ts')).command,
  },
];

const USAGE = `saccadenet ${VERSION}: finds people and poles in camera frames by looking only where it matters

Usage: saccadenet <command> [options]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`).join('\n')}

  saccadenet <command> --help   what a command takes
  saccadenet --version          the version

Exit codes: 0 success, 2 bad usage, 1 failure (one line on stderr says what to do).
`;

/** @param argv without node and script. @returns the exit code; prints, never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  watchStdout();
  try {
    if (name === '--version' || name === '-v') {
      process.stdout.write(`${VERSION}\n`);
      return 0;
    }
    if (name === '--help' || name === '-h' || name === 'help') {
      process.stdout.write(USAGE);
      return 0;
    }
    if (name === undefined) throw new UsageError('no command given; see saccadenet --help');
    const entry = COMMANDS.find((command) => command.name === name);
    if (!entry) {
      throw new UsageError(
        `there is no command '${name}'; there are ${COMMANDS.map((c) => c.name).join(', ')} (saccadenet --help)`,
      );
    }
    const command = await entry.load();
    const end = rest.indexOf('--');
    if ((end < 0 ? rest : rest.slice(0, end)).some((text) => text === '--help' || text === '-h')) {
      process.stdout.write(command.help.endsWith('\n') ? command.help : `${command.help}\n`);
      return 0;
    }
    await command.run(rest);
    return 0;
  } catch (error) {
    return report(error, name);
  }
}

let stdoutIsWatched = false;

/** A reader that goes away (`| head`) ends the work without a word; any other failure to write ends it with one. */
function watchStdout(): void {
  if (stdoutIsWatched) return;
  stdoutIsWatched = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.exit(
      report(new Error(`cannot write the output: ${reasonOf(error)}`, { cause: error }), undefined),
    );
  });
}

/** One line on stderr; SACCADENET_DEBUG=1 adds the stack. */
function report(error: unknown, name: string | undefined): number {
  const usage = error instanceof UsageError;
  const hint = usage && name && COMMANDS.some((c) => c.name === name) ? ` (saccadenet ${name} --help)` : '';
  process.stderr.write(`saccadenet: ${describeError(error)}${hint}\n`);
  if (process.env.SACCADENET_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return usage ? 2 : 1;
}

/** `detect` for programs that use the built command line (tools/start.mjs); see cli/run-detect.ts. */
export async function runDetect(
  ...args: Parameters<typeof import('./run-detect.ts')['runDetect']>
): ReturnType<typeof import('./run-detect.ts')['runDetect']> {
  return (await import('./run-detect.ts')).runDetect(...args);
}
