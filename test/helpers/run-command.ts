/** The command line, run in the test's own process. */
import { vi } from 'vitest';
import { main } from '../../cli/main.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param argv as after `saccadenet`. @returns the exit code, and what was printed where. */
export async function runCommand(...argv: string[]): Promise<Ran> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += text;
      return true;
    }),
  );
  try {
    return { code: await main(argv), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
