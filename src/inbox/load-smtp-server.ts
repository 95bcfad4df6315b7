/** Gets `smtp-server` when an inbox is started, and says plainly how to have it when it is not installed. */
import type * as SmtpServer from 'smtp-server';
import { SMTPException } from '../index.js';

type SmtpServerModule = Pick<typeof SmtpServer, 'SMTPServer'>;

/** Throws SMTPException, code `ERR_INBOX_NEEDS_SMTP_SERVER`. */
export async function loadSmtpServer(
  load: () => Promise<SmtpServerModule> = () => import('smtp-server'),
): Promise<SmtpServerModule> {
  try {
    return await load();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new SMTPException('an inbox needs the package smtp-server, which is not installed', {
      code: 'ERR_INBOX_NEEDS_SMTP_SERVER',
      hint: 'Only the inbox needs it, so it is not installed with posthaste: npm install --save-dev smtp-server mailparser',
      cause,
    });
  }
}
