// `npm test`: builds what is missing, finds or installs Chromium, then counts as tests: the build, types, lint,
// layers, and every test of both vitest projects. Ends with the line `N passed, N failed`; exits 1 when any
// failed or none ran. `npm test -- <vitest arguments>` runs vitest alone with them.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildMissing, explain, installPackages, ROOT, requireChromium, requireNode, run } from './setup.mjs';

const REPORT = join(ROOT, 'build', 'test-report.json');

/** Checks that are no vitest tests: name and the script of package.json. */
const CHECKS = [
  ['types (tsc)', 'typecheck'],
  ['lint and format (biome)', 'lint'],
  ['layers (dependency-cruiser)', 'deps'],
];

const total = { passed: 0, failed: 0 };

function count(name, passed) {
  total[passed ? 'passed' : 'failed']++;
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}`);
}

/** Runs vitest and adds its tests to the total; what went wrong outside a test counts as one failed test. */
function runVitest(args) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  rmSync(REPORT, { force: true });
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const succeeded = run(process.execPath, [vitest, 'run', ...reporters, ...args]);
  if (!existsSync(REPORT)) return count('vitest wrote no report', false);
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  for (const { name, status, assertionResults, message } of report.testResults) {
    const failedOutside = status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
    if (failedOutside) count(`${relative(ROOT, name)}: ${message.split('\n')[0]}`, false);
    for (const { fullName, status: outcome } of assertionResults) {
      if (outcome !== 'passed' && outcome !== 'failed') {
        console.log(`NOT RUN (${outcome})  ${relative(ROOT, name)}: ${fullName}`);
      }
    }
  }
  if (!succeeded && total.failed === 0) count('vitest reported an error outside the tests', false);
}

try {
  requireNode();
  installPackages();
  const args = process.argv.slice(2);
  count('build', buildMissing());
  requireChromium();
  if (args.length === 0) {
    for (const [name, script] of CHECKS) count(name, run('npm', ['run', '--silent', script]));
  }
  runVitest(args);
} catch (error) {
  explain(error);
  total.failed++;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
