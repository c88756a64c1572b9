/** A program: one step of tiny-step.ts on tfjs-webgpu through Dawn, the result as JSON on stdout. */
import { openDawn } from '../../bench/hosts/dawn.ts';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { tinyStep } from './tiny-step.ts';

const { reason } = await openDawn();
if (reason) throw new Error(reason);
await startTrainingBackend('webgpu');
const { losses, gradient, flops } = await tinyStep(true);
process.stdout.write(JSON.stringify({ losses, flops, gradient: [...gradient] }), () => process.exit(0));
