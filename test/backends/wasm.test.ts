/** The wasm backend against the reference. */
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { shippedCase } from '../conformance/shipped.ts';
import { conformanceSuite } from '../conformance/suite.ts';

conformanceSuite(wasmBackend, { models: [await shippedCase()] });
