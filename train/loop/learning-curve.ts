/** learning-curve.svg of a run. */
export function drawLearningCurve(_directory: string): void {}
