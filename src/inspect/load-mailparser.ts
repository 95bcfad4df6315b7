/** The only place where mailparser is loaded. One rule: nothing of it is loaded before somebody inspects a message. */
import type { MailParser } from 'mailparser';
import { InspectError } from './inspect-error.js';

export interface MailParserModule {
  readonly MailParser: typeof MailParser;
}

/** The version that this was tested with. */
const INSTALL = 'npm install mailparser@3.9.31';

/** @throws InspectError: `ERR_MAILPARSER_NOT_LOADED`. */
export async function loadMailParser(
  load: () => Promise<MailParserModule> = () => import('mailparser'),
): Promise<MailParserModule> {
  try {
    return await load();
  } catch (cause) {
    const isMissing = cause instanceof Error && /Cannot find (?:package|module) 'mailparser'/.test(cause.message);
    throw new InspectError(
      isMissing ? 'the package mailparser is not installed' : 'the package mailparser cannot be loaded',
      {
        code: 'ERR_MAILPARSER_NOT_LOADED',
        hint: `posthaste/inspect reads messages with it, and nothing else does, so it is not installed with posthaste: ${INSTALL}`,
        cause,
      },
    );
  }
}
