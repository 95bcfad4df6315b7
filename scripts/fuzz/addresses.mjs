/**
 * Whatever stands in an address field: it is refused with the place of the fault, or it is understood, and then what is written
 * for the header and for the envelope is that address and nothing else.
 */
import { mutate } from './random.mjs';

const atoms = [
  'a',
  'ann',
  'b.c',
  'x+y',
  '\u00fc',
  "o'brien",
  '"q q"',
  '"a\\"b"',
  '"x@y"',
  '"\\\\"',
  '',
  'a..b',
  '.a',
  '=',
];
const domains = [
  'x.test',
  'example.org',
  '[127.0.0.1]',
  '[IPv6:::1]',
  'm\u00fcller.example',
  '-x',
  'x..y',
  'xn--x',
  '',
  'a.b.c.d',
  '[x]',
];
const names = [
  'Ann',
  '"Ann, B."',
  'A. B.',
  '=?utf-8?q?x?=',
  '"x@y.z"',
  '\u00c4nn',
  'a b c',
  '(comment)',
  '"<v@evil.test>"',
];
const alphabet = [...'<>@,;:\\"()[] \t\r\n\0.ab\u00fc\u200b\u202e\ud800'];

function comment(random, deep = 0) {
  return `(${random.many(3, () => (random.once(4) && deep < 5 ? comment(random, deep + 1) : random.of(['c', ' ', '\\)', '"', '@', 'x,y'])))})`;
}

const space = (random) => (random.once(5) ? random.of([' ', '  ', '\r\n ', '\t', comment(random)]) : '');

function mailbox(random) {
  const spec = `${random.of(atoms)}${space(random)}@${space(random)}${random.of(domains)}`;
  if (random.once(2)) return spec;
  const route = random.once(12) ? `@${random.of(domains)}:` : '';
  return `${random.of(names)} ${space(random)}<${route}${spec}>${space(random)}`;
}

export function makeAddresses(random) {
  const list = () => {
    let text = mailbox(random);
    for (let more = random.once(3) ? random.below(4) : 0; more > 0; more -= 1)
      text += random.of([',', ', ', ';', ' ', ',,']) + mailbox(random);
    return text;
  };
  const text = random.once(8) ? `${random.of(names)}: ${list()};` : list();
  return mutate(random, [...text], alphabet).join('');
}

function isControl(character) {
  const code = character.codePointAt(0);
  return code < 0x20 || code === 0x7f;
}

export function addressesTarget({
  parseAddressList,
  formatMailbox,
  quoteaddr,
  InvalidAddressError,
  MessageError,
  encodeCommand,
  encodeGroup,
  parseAddrSpec,
}) {
  const read = (text, mode) => {
    try {
      return parseAddressList(text, { mode });
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      if (error instanceof InvalidAddressError && !(error.position >= 0 && error.position <= text.length)) {
        return `a fault at ${error.position} of ${text.length}`;
      }
      return undefined;
    }
  };
  const complaintOf = (text, mode) => {
    const found = read(text, mode);
    if (found === undefined) return undefined;
    if (typeof found === 'string') return found;
    for (const one of found.flatMap((entry) => ('members' in entry ? entry.members : [entry]))) {
      const { name, address } = one;
      if ([...address].some(isControl)) return `a control in ${JSON.stringify(address)}`;
      if (parseAddrSpec(address).address !== address) return `${JSON.stringify(address)} is no addr-spec`;
      const path = quoteaddr(address);
      if (path !== `<${address}>`) return `the path ${path} for ${JSON.stringify(address)}`;
      if (
        path
          .slice(1, -1)
          .replace(/"(?:[^"\\]|\\.)*"/g, '')
          .search(/[<> ]/) !== -1
      )
        return `the path ${path} has another end`;
      const line = encodeGroup([encodeCommand(`RCPT TO:${path}`, { utf8: true })]).toString();
      if (line !== `RCPT TO:${path}\r\n`) return `the command ${JSON.stringify(line)}`;
      let written;
      try {
        written = formatMailbox({ name, address });
      } catch (error) {
        // Archives have names that cannot be written, and no octets are read as half a surrogate pair.
        if ((mode === 'lenient' || /\p{Surrogate}/u.test(name)) && error.code === 'ERR_INVALID_NAME') continue;
        return `no form of ${JSON.stringify({ name, address })}: ${error.message}`;
      }
      const [again, ...more] = parseAddressList(written);
      if (more.length > 0 || again?.address !== address || again.name !== name)
        return `${JSON.stringify(written)} is not read back`;
    }
    return undefined;
  };
  return {
    name: 'addresses',
    make: makeAddresses,
    size: () => 1,
    complaint: (text) => complaintOf(text, 'strict') ?? complaintOf(text, 'lenient'),
  };
}
