/**
 * One part of a step's batch: its views and their gradient. Parts are what workers share out; the same part of the
 * same step with the same weights gives the same gradient wherever it is computed.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { mixSeed } from '../random.ts';
import { type Batch, makeBatch, type PictureSource } from './batch.ts';
import type { Teacher } from './distillation.ts';
import { mixPictures, type WeightedPictures } from './mix.ts';
import { assignVariables, makeVariables, type Parameters, parametersOf } from './parameters.ts';
import type { TrainSettings } from './settings.ts';
import { type StepResult, trainStep, trainStepLater } from './step.ts';

/** What a part needs besides data and weights. */
export interface PartOrder {
  readonly step: number;
  readonly part: number;
  /** See GateChoice. */
  readonly teach: boolean;
}

/** First view and number of views of each part of a batch. */
export function partsOf({ batch, part }: TrainSettings): { first: number; size: number }[] {
  return Array.from({ length: Math.ceil(batch / part) }, (_, i) => ({
    first: i * part,
    size: Math.min(part, batch - i * part),
  }));
}

/** Computes gradients of parts with its own tfjs variables; the backend must have been started. */
export class PartTrainer {
  readonly #spec: NetworkSpec;
  readonly #source: PictureSource;
  readonly #settings: TrainSettings;
  readonly #parameters: Parameters;
  readonly #variables: Map<string, tf.Variable>;
  readonly #teacher?: { readonly spec: NetworkSpec; readonly variables: Map<string, tf.Variable> };
  readonly #prepared = new Map<string, Batch>();
  /** Batches that have been learned from: their memory is used again. */
  readonly #used: Batch[] = [];

  /** @param teacher a network to learn from besides the labels; left out: labels alone */
  constructor(
    spec: NetworkSpec,
    sets: readonly WeightedPictures[],
    settings: TrainSettings,
    teacher?: Teacher,
  ) {
    this.#spec = spec;
    this.#source = mixPictures(sets, settings.augment);
    this.#settings = settings;
    this.#parameters = parametersOf(spec);
    this.#variables = makeVariables(this.#parameters, new Float32Array(this.#parameters.size));
    this.#teacher = teacher && {
      spec: teacher.spec,
      variables: makeVariables(parametersOf(teacher.spec), teacher.vector),
    };
  }

  /** Renders a part ahead of its turn: it needs no weights. */
  prepare(step: number, part: number): void {
    this.#prepared.set(`${step} ${part}`, this.#render(step, part));
  }

  #render(step: number, part: number): Batch {
    const { view, seed } = this.#settings;
    const { first, size } = partsOf(this.#settings)[part];
    const at = this.#used.findIndex((batch) => batch.size === size);
    const [held] = at < 0 ? [] : this.#used.splice(at, 1);
    return makeBatch(this.#spec, this.#source, size, view, seed, step, first, held);
  }

  setWeights(weights: Float32Array): void {
    assignVariables(this.#variables, this.#parameters, weights);
  }

  /** Writes the gradient of a part into `gradient`, all parameters. */
  async compute({ step, part, teach }: PartOrder, gradient: Float32Array): Promise<StepResult> {
    const key = `${step} ${part}`;
    const batch = this.#prepared.get(key) ?? this.#render(step, part);
    this.#prepared.delete(key);
    const input = {
      spec: this.#spec,
      parameters: this.#parameters,
      variables: this.#variables,
      teacher: this.#teacher,
      batch,
      options: { ...this.#settings, teach },
      seed: mixSeed(this.#settings.seed, step, part),
    };
    const later = tf.getBackend() === 'webgpu';
    const result = later ? await trainStepLater(input, gradient) : trainStep(input, gradient);
    this.#used.push(batch);
    return result;
  }

  dispose(): void {
    tf.dispose([...this.#variables.values(), ...(this.#teacher?.variables.values() ?? [])]);
  }
}
