/** A teacher out of a model: see distillation.ts. */
import { plainModel } from '../../src/network/genes.ts';
import type { Model, NetworkSpec } from '../../src/network/spec.ts';
import { checkTeacher, type Teacher } from './distillation.ts';
import { flatten, parametersOf } from './parameters.ts';

/**
 * @param spec of the network that learns; its layers may differ from the teacher's
 * @throws SaccadeNetError INVALID_OPTION, see checkTeacher
 */
export function teacherFor(spec: NetworkSpec, model: Model): Teacher {
  const { network, weights } = plainModel(model);
  checkTeacher(spec, network);
  const parameters = parametersOf(network);
  // Auxiliary heads are not in models, and nothing is asked of the teacher's.
  const nothing = parameters.list.map(({ name, size }) => [name, new Float32Array(size)] as const);
  return { spec: network, vector: flatten(parameters, new Map([...nothing, ...weights])) };
}
