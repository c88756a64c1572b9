/** The training graph is the fourth executor of the network spec: it passes the suite of the backends. */
import { shippedCase } from '../conformance/shipped.ts';
import { conformanceSuite } from '../conformance/suite.ts';
import { trainingBackend } from '../helpers/training-backend.ts';

conformanceSuite(trainingBackend, { interface: false, models: [await shippedCase()] });
