/** `saccadenet evaluate`: every metric of a model on a labelled set. The metrics live in train/metrics. */
import { basename, resolve } from 'node:path';
import type { Command } from './arguments.ts';
import { EVALUATE_HELP, type EvaluateOptions, readEvaluateOptions } from './evaluation/options.ts';
import { PictureBook } from './evaluation/pictures.ts';
import { type Evaluation, runEvaluation } from './evaluation/run.ts';
import { evaluationTables } from './evaluation/tables.ts';
import { DEFAULT_MODEL_FILE, openBackend } from './open-session.ts';
import { createProgress, type Progress } from './progress.ts';

export const command: Command = {
  name: 'evaluate',
  summary: 'score a model on labelled frames',
  help: EVALUATE_HELP,
  async run(argv) {
    const options = readEvaluateOptions(argv);
    const backend = await openBackend(options.backend);
    const book = options.pictures === undefined ? undefined : new PictureBook();
    let progress: Progress | undefined;
    let evaluation: Evaluation;
    try {
      evaluation = await runEvaluation(options, {
        backend,
        onFrame: book && ((run, record) => book.add(run, record)),
        onProgress(done, total) {
          progress ??= createProgress('evaluate', total, { quiet: options.json });
          progress.update(done);
        },
      });
    } finally {
      progress?.end();
    }
    if (book && options.pictures !== undefined) {
      book.write(options.pictures, options.directory, evaluation, pageTitle(options), options.maxPictures);
    }
    process.stdout.write(
      options.json ? `${JSON.stringify(evaluation, null, 2)}\n` : evaluationTables(evaluation),
    );
  },
};

/** The models and the set, without the folders above them. */
function pageTitle({ directory, own }: EvaluateOptions): string {
  const models = own.parts.map(({ model = DEFAULT_MODEL_FILE }) => basename(model, '.sacc'));
  return `${[...new Set(models)].join(', ')} on ${basename(resolve(directory, '..'))}/${basename(resolve(directory))}`;
}
