/** Reads the counts out of the report that jest writes with `--json --outputFile`. */
import { readFileSync } from 'node:fs';

/** A suite that could not start counts as one failure. Undefined when there is no report: jest never came to write it. */
export function readJestReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    notRun: report.numPendingTests + report.numTodoTests,
  };
}
