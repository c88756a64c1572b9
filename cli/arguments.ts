/**
 * What every command of the command line shares: the `Command` interface, option parsing on node:util, and the
 * error that means "bad usage" (exit 2). Parsing never touches files; a command checks what it opens itself.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Size } from '../src/network/geometry.ts';

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  /** Resolves on success (exit 0). Throws `UsageError` (exit 2) or any other error (exit 1). */
  run(argv: string[]): Promise<void>;
}

/** Bad usage: the message says which argument is wrong and what to give instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export type OptionTable = NonNullable<ParseArgsConfig['options']>;

type Values<T extends OptionTable> = {
  [K in keyof T]?: T[K] extends { type: 'boolean' }
    ? boolean
    : T[K] extends { multiple: true }
      ? string[]
      : string;
};

export interface ParsedArguments<T extends OptionTable> {
  readonly values: Values<T>;
  readonly positionals: string[];
}

/**
 * Options and positionals of a command; `--help` is handled by main before a command runs.
 * @throws UsageError for an unknown option or a missing value.
 */
export function parseOptions<T extends OptionTable>(argv: readonly string[], options: T): ParsedArguments<T> {
  try {
    const parsed = parseArgs({
      args: joinNegatives(argv, options),
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: parsed.values as Values<T>, positionals: parsed.positionals };
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    const known = Object.keys(options).map((name) => `--${name}`);
    const sentence = (error as Error).message.split(/\. |\n/)[0];
    throw new UsageError(`${sentence}; known options: ${known.join(' ')}`);
  }
}

/** `--score -1` reads as one option with its value, so that the range check can name the value. */
function joinNegatives(argv: readonly string[], options: OptionTable): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].startsWith('--') ? argv[i].slice(2) : '';
    const next = argv[i + 1];
    if (options[name]?.type === 'string' && next !== undefined && /^-[\d.]/.test(next)) {
      joined.push(`--${name}=${next}`);
      i++;
    } else joined.push(argv[i]);
  }
  return joined;
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** The number behind `--name`, or undefined where it was not given. @throws UsageError outside the range. */
export function numberOption(
  name: string,
  text: string | undefined,
  range: NumberRange = {},
): number | undefined {
  if (text === undefined) return undefined;
  const { min = -Infinity, max = Infinity, integer = false } = range;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < min || value > max || (integer && !Number.isInteger(value))) {
    const kind = integer ? 'a whole number' : 'a number';
    const limits = [
      ...(min > -Infinity ? [`at least ${min}`] : []),
      ...(max < Infinity ? [`at most ${max}`] : []),
    ].join(' and ');
    throw new UsageError(`--${name} needs ${kind}${limits ? ` ${limits}` : ''}, not '${text}'`);
  }
  return value;
}

/** One of `choices`, or undefined where the option was not given. @throws UsageError for anything else. */
export function choiceOption<T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  if (!(choices as readonly string[]).includes(text)) {
    throw new UsageError(`--${name} needs one of ${choices.join(', ')}, not '${text}'`);
  }
  return text as T;
}

/** More would not fit the runtimes' memory. */
const MAX_SIDE = 8192;

/** `480x360` to a size, or undefined where the option was not given. @throws UsageError for anything else. */
export function sizeOption(name: string, text: string | undefined): Size | undefined {
  if (text === undefined) return undefined;
  const [width, height] = (/^(\d+)x(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (!(width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE)) {
    throw new UsageError(`--${name} needs WxH with sides of 1 to ${MAX_SIDE}, as in 480x360, not '${text}'`);
  }
  return { width, height };
}

/** `A,B` to ['A', 'B']; undefined where the option was not given. @throws UsageError when it names nothing. */
export function listOption(name: string, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  if (items.length === 0) throw new UsageError(`--${name} needs names joined by commas, as in --${name} A,B`);
  return items;
}

/** The value of an option that a command cannot do without. @throws UsageError with an example. */
export function requiredOption(name: string, text: string | undefined, example: string): string {
  if (text === undefined || text === '')
    throw new UsageError(`--${name} is missing; give it as in ${example}`);
  return text;
}

/** Takes no positional arguments. @throws UsageError when there are some. */
export function noPositionals(positionals: readonly string[]): void {
  if (positionals.length > 0) {
    throw new UsageError(`does not know what to do with '${positionals[0]}'; it takes options only`);
  }
}
