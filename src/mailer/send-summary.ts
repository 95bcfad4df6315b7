/** What is told about a send that is over: counts, and the envelope only to those who asked for it. */
import type { RecipientResult } from '../types.js';
import type { SendTrace, ServerTrace } from './diagnostics.js';
import type { Sending } from './sending.js';

export interface SummaryParts {
  readonly server: ServerTrace | undefined;
  readonly recipients: readonly RecipientResult[];
  readonly withEnvelope: boolean;
}

export function summaryOf(
  { prepared, attempt }: Pick<Sending, 'prepared' | 'attempt'>,
  { server, recipients, withEnvelope }: SummaryParts,
): Partial<SendTrace> {
  const count = (wanted: RecipientResult['status']): number =>
    recipients.filter(({ status }) => status === wanted).length;
  const known = {
    server,
    attempts: attempt,
    messageId: prepared?.messageId,
    accepted: count('accepted'),
    refused: count('refused'),
    unknown: count('unknown'),
  };
  if (prepared === undefined) return known;
  const { forwardPaths, reversePath, content } = prepared.shipment;
  const sized = { ...known, recipients: forwardPaths.length, sizeBytes: content.sizeBytes };
  if (!withEnvelope) return sized;
  return { ...sized, envelope: { from: reversePath.address, to: forwardPaths.map(({ address }) => address) } };
}
