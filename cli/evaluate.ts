/** `saccadenet evaluate`: every metric of a model on a labelled set. The metrics live in train/metrics. */
import type { Command } from './arguments.ts';
import { EVALUATE_HELP, readEvaluateOptions } from './evaluation/options.ts';
import { type Evaluation, runEvaluation } from './evaluation/run.ts';
import { evaluationTables } from './evaluation/tables.ts';
import { openBackend } from './open-session.ts';
import { createProgress, type Progress } from './progress.ts';

export const command: Command = {
  name: 'evaluate',
  summary: 'score a model on labelled frames',
  help: EVALUATE_HELP,
  async run(argv) {
    const options = readEvaluateOptions(argv);
    const backend = await openBackend(options.backend);
    let progress: Progress | undefined;
    let evaluation: Evaluation;
    try {
      evaluation = await runEvaluation(options, {
        backend,
        onProgress(done, total) {
          progress ??= createProgress('evaluate', total, { quiet: options.json });
          progress.update(done);
        },
      });
    } finally {
      progress?.end();
    }
    process.stdout.write(
      options.json ? `${JSON.stringify(evaluation, null, 2)}\n` : evaluationTables(evaluation),
    );
  },
};
