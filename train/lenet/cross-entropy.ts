/** The loss of the digits: softmax cross-entropy of ten answers. */
import { CLASSES } from './digits.ts';

/** Floats from one picture's answers to the next, and from one class to the next. */
export interface AnswerLayout {
  readonly picture: number;
  readonly class: number;
}

/** Sums of loss (nats) and errors over `count` pictures; writes the gradient of the mean loss by every answer. */
export function crossEntropy(
  answers: Float32Array,
  labels: ArrayLike<number>,
  count: number,
  layout: AnswerLayout,
  gradient: Float32Array,
): { loss: number; wrong: number } {
  let loss = 0;
  let wrong = 0;
  gradient.fill(0);
  for (let n = 0; n < count; n++) {
    const at = n * layout.picture;
    let best = 0;
    for (let c = 1; c < CLASSES; c++) {
      if (answers[at + c * layout.class] > answers[at + best * layout.class]) best = c;
    }
    const most = answers[at + best * layout.class];
    let sum = 0;
    for (let c = 0; c < CLASSES; c++) {
      const i = at + c * layout.class;
      sum += gradient[i] = Math.exp(answers[i] - most);
    }
    const label = labels[n];
    loss += Math.log(sum) + most - answers[at + label * layout.class];
    if (best !== label) wrong++;
    for (let c = 0; c < CLASSES; c++) gradient[at + c * layout.class] /= sum * count;
    gradient[at + label * layout.class] -= 1 / count;
  }
  return { loss, wrong };
}
