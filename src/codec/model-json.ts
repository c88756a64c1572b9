/** The JSON part of a model file: network spec, thresholds and card; written from a Model, read with every check. */
import type { Model, NetworkSpec } from '../network/spec.ts';
import { formatError } from './format-error.ts';
import { fieldsOf, validateNetwork } from './validate-network.ts';

export type ModelHead = Omit<Model, 'weights'>;

export function writeModelJson(model: ModelHead): string {
  const { network, scoreThresholds, gateThreshold, card } = model;
  return JSON.stringify({ network, scoreThresholds, gateThreshold, card });
}

/** @throws SaccadeNetError MODEL_FORMAT where the bytes are no JSON object */
function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw formatError('The JSON part cannot be read', {}, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw formatError('The JSON part is no object');
  }
  return value as Record<string, unknown>;
}

function threshold(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw formatError(`The model's ${where} is ${JSON.stringify(value)}, wanted a number from 0 to 1`);
  }
  return value;
}

function readThresholds(value: unknown, network: NetworkSpec): Record<string, number> {
  const fields = fieldsOf(value, 'scoreThresholds');
  return Object.fromEntries(
    network.labels.map((label) => {
      const own = Object.hasOwn(fields, label) ? fields[label] : undefined;
      return [label, threshold(own, `scoreThresholds["${label}"]`)];
    }),
  );
}

/** @throws SaccadeNetError MODEL_FORMAT, MODEL_VERSION */
export function readModelJson(bytes: Uint8Array): ModelHead {
  const fields = readJson(bytes);
  const network = validateNetwork(fields.network);
  return {
    network,
    scoreThresholds: readThresholds(fields.scoreThresholds, network),
    gateThreshold: threshold(fields.gateThreshold, 'gateThreshold'),
    card: fieldsOf(fields.card ?? {}, 'card'),
  };
}
