/** Every message of RFC 5322 appendix A has the envelope that the RFC means, and docs/addresses.md shows it. */
import { parseAddressList } from '../../../src/message/address.js';
import { Message } from '../../../src/message/message.js';
import { APPENDIX, APPENDIX_FIELDS, EXTENSIONS, type AppendixMessage } from './appendix.js';
import { documented, markdownTable } from './document.js';

const MESSAGES = [...APPENDIX, ...EXTENSIONS];

function envelopeOf({ lines }: AppendixMessage) {
  return Message.parse(lines.map((line) => `${line}\r\n`).join('')).envelope();
}

describe('the envelope of', () => {
  it.each(MESSAGES.map((message) => [`${message.section}, ${message.about}`, message] as const))(
    '%s',
    (_title, message) => {
      expect(envelopeOf(message)).toEqual({ from: message.from, to: message.to });
    },
  );

  it.each(APPENDIX.map((message) => [`${message.section}, ${message.about}`, message] as const))(
    '%s, with LF line ends and in strict conformance',
    (_title, { lines, from, to }) => {
      const message = Message.parse(lines.map((line) => `${line}\n`).join(''));
      expect(message.envelope({ conformance: 'rfc5322', requireDomain: true })).toEqual({ from, to });
    },
  );
});

/** `name <address>` of each mailbox, and `name: ...;` of a group. */
function shown(value: string): string {
  return parseAddressList(value)
    .map((entry) => {
      const members = ('members' in entry ? entry.members : [entry]).map(({ name, address }) =>
        name === '' ? address : `${name} <${address}>`,
      );
      return 'members' in entry ? `${entry.name}: ${members.join(', ')};` : members.join(', ');
    })
    .join(', ');
}

const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('\r\n', ' ⏎ ')}\``);

it('docs/addresses.md shows the envelopes', () => {
  const rows = MESSAGES.map((message) => {
    const { from, to } = envelopeOf(message);
    return [message.section, message.about, code(from), to.map(code).join(', ')];
  });
  const table = markdownTable([['section', 'message', 'envelope from', 'envelope to'], ...rows]);
  expect(documented('envelopes', table)).toBe(table);
});

it('docs/addresses.md shows the address fields', () => {
  const rows = APPENDIX_FIELDS.filter(
    ({ value }, index) => APPENDIX_FIELDS.findIndex((other) => other.value === value) === index,
  ).map(({ section, value }) => [section, code(value.trimStart()), code(shown(value))]);
  const table = markdownTable([['section', 'field', 'read as'], ...rows]);
  expect(documented('fields', table)).toBe(table);
});
