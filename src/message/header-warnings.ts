/** What is risky about a header block that is sent as it is. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Warning } from '../types.js';
import type { HeaderSpan } from './header-block.js';

export function headerWarnings(spans: readonly HeaderSpan[]): Warning[] {
  const warnings: Warning[] = [];
  const malformed = spans.filter(({ key }) => key === '').length;
  if (malformed > 0) {
    warnings.push({
      code: 'WARN_MALFORMED_HEADER',
      message: `the header block holds lines that are no fields (${String(malformed)}): servers may take them for its end`,
    });
  }
  if (runsOf(spans).every((run) => isAscii(run))) return warnings;
  const unknown = spans.filter(({ octets, start, end }) => !isUtf8(octets.subarray(start, end)));
  if (unknown.length > 0) {
    const [first] = unknown;
    warnings.push({
      code: 'WARN_HEADER_CHARSET',
      message: `the header block holds 8-bit text that is no UTF-8 (${String(unknown.length)} fields): readers will guess`,
      ...(first === undefined || first.key === '' ? {} : { header: first.name }),
    });
  } else {
    warnings.push({
      code: 'WARN_HEADER_UTF8',
      message: 'the header block holds UTF-8 (RFC 6532): a server without SMTPUTF8 may refuse or damage it',
    });
  }
  return warnings;
}

/** The spans as few views of octets: those that lie end to end are looked at together. */
function runsOf(spans: readonly HeaderSpan[]): Buffer[] {
  const runs: Buffer[] = [];
  let run: { readonly octets: Buffer; readonly start: number; end: number } | undefined;
  for (const { octets, start, end } of spans) {
    if (run?.octets === octets && run.end === start) {
      run.end = end;
      continue;
    }
    if (run !== undefined) runs.push(run.octets.subarray(run.start, run.end));
    run = { octets, start, end };
  }
  if (run !== undefined) runs.push(run.octets.subarray(run.start, run.end));
  return runs;
}
