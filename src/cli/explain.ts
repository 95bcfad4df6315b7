/**
 * The envelope of a send and where each address of it came from: the message's fields, or `--from` and `--to`, which replace a half
 * each.
 */
import type { EnvelopeExplanation, EnvelopeSource, Message } from '../index.js';
import type { SendSettings } from './send-settings.js';

/** Throws the library's MessageError for a message that does not name the halves that it is asked for. */
export function explain(
  message: Message,
  { given, envelopeOptions }: Pick<SendSettings, 'given' | 'envelopeOptions'>,
): EnvelopeExplanation {
  const explanation = message.explainEnvelope({ ...envelopeOptions, ...given });
  return {
    ...explanation,
    sources: [
      ...(given.from === undefined ? [] : [sourceFromOption('from', given.from, 0)]),
      ...explanation.sources,
      ...(given.to ?? []).map((address, occurrence) => sourceFromOption('to', address, occurrence)),
    ],
    warnings: [...message.warnings, ...explanation.warnings],
  };
}

function sourceFromOption(role: EnvelopeSource['role'], address: string, occurrence: number): EnvelopeSource {
  return { role, address, header: `--${role}`, occurrence, position: 0 };
}
