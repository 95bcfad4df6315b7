/** What `sendMail` resolves with. One rule: it is read from the result, which is there too; nothing is made up. */
import type { SendResult, Stage } from '../index.js';
import { refusalOf, responseOf } from './nodemailer-error.js';
import type { SmtpSentInfo } from './transport-types.js';

/** `ehlo`: what the server offered, as far as it was seen. */
export function sendInfoOf(result: SendResult, messageId: string, ehlo: readonly string[] | undefined): SmtpSentInfo {
  const { envelope, recipients, reply, sizeBytes, timing } = result;
  const refused = recipients.filter(({ status }) => status === 'refused');
  const pending = recipients.filter(({ status }) => status === 'unknown' || status === 'not-sent');
  const rejectedErrors = refused.flatMap(({ address, reply: said, stage }) =>
    said === undefined ? [] : [refusalOf(address, said, stage === 'final' || stage === 'body')],
  );
  const spent = (...stages: readonly Stage[]): number =>
    Math.round(stages.reduce((sum, stage) => sum + (timing[stage] ?? 0), 0));
  return {
    envelope: { from: envelope.from, to: [...envelope.to] },
    messageId,
    accepted: [...result.accepted],
    rejected: refused.map(({ address }) => address),
    ...(rejectedErrors.length === 0 ? {} : { rejectedErrors }),
    ...(pending.length === 0 ? {} : { pending: pending.map(({ address }) => address) }),
    ...(ehlo === undefined || ehlo.length === 0 ? {} : { ehlo: [...ehlo] }),
    envelopeTime: spent('mail', 'rcpt', 'data'),
    messageTime: spent('body', 'final'),
    messageSize: sizeBytes,
    response: responseOf(reply),
    result,
  };
}
