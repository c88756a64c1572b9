/** The reference against itself (bookkeeping) and against the independent dense network. */
import { referenceBackend } from '../../src/backends/reference/index.ts';
import { shippedCase } from '../conformance/shipped.ts';
import { conformanceSuite } from '../conformance/suite.ts';

conformanceSuite(referenceBackend, { models: [await shippedCase()] });
