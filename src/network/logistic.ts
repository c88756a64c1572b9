/** Probabilities and their logits: one definition for gates, scores and training. */

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** From this logit on 1 + exp(-x) is 1 in double precision. */
const LOGIT_OF_ONE = 36.75;

/** The least x with sigmoid(x) >= probability: -Infinity from 0 down, Infinity above 1. */
export function leastLogit(probability: number): number {
  if (probability <= 0) return -Infinity;
  if (probability === 1) return LOGIT_OF_ONE;
  return probability > 1 ? Infinity : Math.log(probability / (1 - probability));
}
