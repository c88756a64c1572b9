/** The wasm backend against the reference. */
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { conformanceSuite } from '../conformance/suite.ts';

conformanceSuite(wasmBackend);
