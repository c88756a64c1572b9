/** A teacher out of a model: see distillation.ts. */
import { SaccadeNetError } from '../../src/errors/errors.ts';
import { plainModel } from '../../src/network/genes.ts';
import type { Model, NetworkSpec } from '../../src/network/spec.ts';
import type { Teacher } from './distillation.ts';
import { flatten, parametersOf } from './parameters.ts';

/**
 * @param spec of the network that learns; its layers may differ from the teacher's
 * @throws SaccadeNetError INVALID_OPTION where the teacher answers for other labels, blocks or cells
 */
export function teacherFor(spec: NetworkSpec, model: Model): Teacher {
  const { network, weights } = plainModel(model);
  const answers = ({ labels, block, cell }: NetworkSpec) =>
    `labels ${labels.join(', ')}, blocks of ${block} px, cells of ${cell} px`;
  if (answers(network) !== answers(spec)) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `the teacher has ${answers(network)}, the network ${answers(spec)}; give a teacher that has the same`,
    );
  }
  const parameters = parametersOf(network);
  // Auxiliary heads are not in models, and nothing is asked of the teacher's.
  const nothing = parameters.list.map(({ name, size }) => [name, new Float32Array(size)] as const);
  return { spec: network, vector: flatten(parameters, new Map([...nothing, ...weights])) };
}
