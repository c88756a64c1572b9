/** Two projects: `node` (plain Node) and `browser` (headless Chromium with real WebGPU on the software adapter). */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { assets } from './tools/asset-plugin.mjs';
import { CHROMIUM_FLAGS, FAKE_CAMERA_FLAGS, findChromium } from './tools/chromium.mjs';

/** Software WebGPU computes 0.1 to 2 GFLOP/s, on machines that may be shared. */
const TEST_TIMEOUT_MS = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [assets()],
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          testTimeout: TEST_TIMEOUT_MS,
          hookTimeout: TEST_TIMEOUT_MS,
        },
      },
      {
        plugins: [assets()],
        optimizeDeps: { include: ['comlink', 'fast-check'] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: TEST_TIMEOUT_MS,
          hookTimeout: TEST_TIMEOUT_MS,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: findChromium() ?? undefined,
                args: [...CHROMIUM_FLAGS, ...FAKE_CAMERA_FLAGS],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
