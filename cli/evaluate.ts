/** `saccadenet evaluate`: every metric of a model on a labelled set. The metrics live in train/metrics. */
import { basename, resolve } from 'node:path';
import type { Command } from './arguments.ts';
import { answerParent, JOB_ARGUMENT } from './evaluation/job.ts';
import {
  EVALUATE_HELP,
  type EvaluateOptions,
  readEvaluateOptions,
  type Sweep,
} from './evaluation/options.ts';
import { writePictures } from './evaluation/pictures.ts';
import { runEvaluation } from './evaluation/run.ts';
import { runSweep } from './evaluation/sweep.ts';
import { evaluationTables, sweepTable } from './evaluation/tables.ts';
import { DEFAULT_MODEL_FILE } from './open-session.ts';
import { createProgress, type Progress } from './progress.ts';

export const command: Command = {
  name: 'evaluate',
  summary: 'score a model on labelled frames',
  help: EVALUATE_HELP,
  async run(argv) {
    if (argv[0] === JOB_ARGUMENT) return answerParent();
    const options = readEvaluateOptions(argv);
    let progress: Progress | undefined;
    if (options.sweep) return sweep({ ...options, sweep: options.sweep });
    let run: Awaited<ReturnType<typeof runEvaluation>>;
    try {
      run = await runEvaluation(options, (done, total) => {
        progress ??= createProgress('evaluate', total, { quiet: options.json });
        progress.update(done);
      });
    } finally {
      progress?.end();
    }
    const { evaluation, records } = run;
    const { directory, pictures, maxPictures: most, corruption } = options;
    if (pictures !== undefined) {
      const title = pageTitle(options);
      writePictures(pictures, records, { directory, title, most, evaluation, corruption });
    }
    process.stdout.write(
      options.json ? `${JSON.stringify(evaluation, null, 2)}\n` : evaluationTables(evaluation),
    );
  },
};

async function sweep(options: EvaluateOptions & { readonly sweep: Sweep }): Promise<void> {
  let progress: Progress | undefined;
  try {
    const rows = await runSweep(options, (done, total) => {
      progress ??= createProgress('evaluate', total, { quiet: options.json });
      progress.update(done);
    });
    progress?.end();
    process.stdout.write(options.json ? `${JSON.stringify({ sweep: rows }, null, 2)}\n` : sweepTable(rows));
  } finally {
    progress?.end();
  }
}

/** The models, the set without the folders above it, and what was done to its pictures. */
function pageTitle({ directory, own, corruption }: EvaluateOptions): string {
  const models = own.parts.map(({ model = DEFAULT_MODEL_FILE }) => basename(model, '.sacc'));
  const set = `${basename(resolve(directory, '..'))}/${basename(resolve(directory))}`;
  const under = corruption ? ` under ${corruption.kind} ${corruption.severity}` : '';
  return `${[...new Set(models)].join(', ')} on ${set}${under}`;
}
