import { inspect } from 'node:util';
import fc from 'fast-check';
import { MessageError } from '../../src/errors.js';
import {
  encodeAuthAnswer,
  encodeCommand,
  encodeGroup,
  encodeRcpt,
  MAX_COMMAND_OCTETS,
  type Command,
  type CommandOptions,
} from '../../src/protocol/command.js';
import { thrownBy } from '../support/thrown.js';

const octetsOf = (command: Command): Buffer => encodeGroup([command]);

const shown = (command: Command) => {
  const { verb, text, sizeOctets } = command;
  const octets = octetsOf(command);
  expect(octets).toHaveLength(sizeOctets);
  return { verb, octets: octets.toString(), text };
};

function refusal(line: string, options?: CommandOptions): MessageError {
  const error = thrownBy(() => encodeCommand(line, options));
  if (!(error instanceof MessageError)) throw new Error('not a MessageError', { cause: error });
  return error;
}

describe('encodeCommand', () => {
  it.each([
    ['NOOP', 'NOOP'],
    ['noop', 'NOOP'],
    ['rcpt TO:<a@b>', 'RCPT'],
    ['X-Verb2 a  b ', 'X-VERB2'],
  ])('encodes %j as it is, with CRLF, and knows its verb', (line, verb) => {
    expect(shown(encodeCommand(line))).toEqual({ verb, octets: `${line}\r\n`, text: line });
  });

  const controls = [...Array.from({ length: 32 }, (_, code) => code), 0x7f];

  it.each(controls)('refuses the control character %d wherever it stands', (code) => {
    const control = String.fromCharCode(code);
    const name = `0x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    for (const line of [`${control}NOOP`, `NO${control}OP`, `RCPT TO:<a${control}b@c>`, `NOOP${control}`]) {
      for (const options of [{}, { utf8: true }]) {
        const error = refusal(line, options);
        expect(error.code).toBe('ERR_CONTROL_IN_COMMAND');
        expect(error.message).toContain(`${name} at position ${String(line.indexOf(control))}`);
      }
      expect(thrownBy(() => encodeAuthAnswer(line))).toMatchObject({ code: 'ERR_CONTROL_IN_COMMAND' });
    }
  });

  it('never lets an octet 0x00-0x1F or 0x7F through but the CRLF that ends the line', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, fc.boolean(), fc.boolean(), (argument, utf8, secret) => {
        const line = `VRFY ${argument}`;
        let octets: Buffer;
        try {
          octets = octetsOf(encodeCommand(line, { utf8, secret }));
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
          return;
        }
        expect(octets.subarray(0, -2).every((octet) => octet >= 0x20 && octet !== 0x7f)).toBe(true);
        expect(octets.toString()).toBe(`${line}\r\n`);
        if (!utf8) expect(octets.every((octet) => octet < 0x80)).toBe(true);
      }),
    );
  });

  it('shows a refused line without its controls', () => {
    expect(refusal('RCPT TO:<a@b>\r\nRCPT TO:<v@x>').message).toContain('"RCPT TO:<a@b>\\r\\nRCPT TO:<v@x>"');
    expect(refusal(`NOOP ${'x'.repeat(5000)}\0`).message.length).toBeLessThan(400);
  });

  it.each(['', ' ', ' NOOP', '2NOOP', '-X', '.', '*', 'NO_OP', 'NOOP:x', '<a@b>'])(
    'refuses %j, which has no verb',
    (line) => {
      expect(refusal(line).code).toBe('ERR_INVALID_COMMAND');
    },
  );

  it('lets non-ASCII text pass only behind SMTPUTF8', () => {
    const line = 'RCPT TO:<gr\u00fc\u00df@x>';
    expect(refusal(line).code).toBe('ERR_NON_ASCII_COMMAND');
    expect(shown(encodeCommand(line, { utf8: true })).octets).toBe(`${line}\r\n`);
    expect(octetsOf(encodeCommand('RCPT TO:<\u{1f600}@x>', { utf8: true }))).toHaveLength(18);
  });

  it.each(['\ud800', '\udc00', '\ud800x', '\udc00\ud800', '\ud83d\ud83d\ude00'])(
    'refuses the lone surrogate in %j',
    (text) => {
      expect(refusal(`RCPT TO:<${text}@x>`, { utf8: true }).code).toBe('ERR_NON_ASCII_COMMAND');
    },
  );

  it('takes 12,288 octets with CRLF, and not one more', () => {
    expect(MAX_COMMAND_OCTETS).toBe(12_288);
    const longest = `NOOP ${'x'.repeat(MAX_COMMAND_OCTETS - 7)}`;
    expect(octetsOf(encodeCommand(longest))).toHaveLength(MAX_COMMAND_OCTETS);
    expect(refusal(`${longest}x`).code).toBe('ERR_COMMAND_TOO_LONG');
    // Octets count, not characters.
    const utf8 = `NOOP ${'\u00fc'.repeat(6140)}`;
    expect(octetsOf(encodeCommand(utf8, { utf8: true }))).toHaveLength(12_287);
    expect(refusal(`${utf8}\u00fc`, { utf8: true }).code).toBe('ERR_COMMAND_TOO_LONG');
  });
});

describe('encodeRcpt', () => {
  it('makes the command that encodeCommand makes of the whole line, or throws what it throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'a@x',
        'a@x>\r\nRCPT TO:<v@x',
        'gr\u00fc\u00df@x',
        '\ud800',
        'a@x\u010a',
        ' NOTIFY=NEVER',
        '\r\nNOOP',
        '\0',
      ),
    );
    const made = (make: () => Command): unknown => {
      try {
        return shown(make());
      } catch (error) {
        return error instanceof MessageError ? [error.code, error.message] : error;
      }
    };
    fc.assert(
      fc.property(text, fc.oneof(fc.constant(''), text), fc.boolean(), (mailbox, parameters, utf8) => {
        const whole = made(() => encodeCommand(`RCPT TO:<${mailbox}>${parameters}`, { utf8 }));
        expect(made(() => encodeRcpt(mailbox, parameters, { utf8 }))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('shows the line', () => {
    expect(shown(encodeRcpt('a@x.test', ' NOTIFY=NEVER'))).toEqual({
      verb: 'RCPT',
      octets: 'RCPT TO:<a@x.test> NOTIFY=NEVER\r\n',
      text: 'RCPT TO:<a@x.test> NOTIFY=NEVER',
    });
  });

  it('takes 12,288 octets with CRLF, and not one more', () => {
    const longest = 'x'.repeat(MAX_COMMAND_OCTETS - 12);
    expect(octetsOf(encodeRcpt(longest, ''))).toHaveLength(MAX_COMMAND_OCTETS);
    expect(thrownBy(() => encodeRcpt(`${longest}x`, ''))).toMatchObject({ code: 'ERR_COMMAND_TOO_LONG' });
    expect(thrownBy(() => encodeRcpt(longest, 'x'))).toMatchObject({ code: 'ERR_COMMAND_TOO_LONG' });
  });
});

describe('encodeGroup', () => {
  it('puts the lines of a group one behind the other', () => {
    const lines = ['MAIL FROM:<a@x>', 'RCPT TO:<gr\u00fc\u00df@x>', 'DATA'];
    const group = lines.map((line) => encodeCommand(line, { utf8: true }));
    expect(encodeGroup(group).toString()).toBe(lines.map((line) => `${line}\r\n`).join(''));
    expect(encodeGroup(group)).toHaveLength(group.reduce((sum, { sizeOctets }) => sum + sizeOctets, 0));
    expect(encodeGroup([])).toHaveLength(0);
  });
});

describe('a secret', () => {
  const secret = 'AGFsaWNlAHMzY3JldA==';

  it('is in the octets and not in the text', () => {
    const command = encodeCommand(`auth PLAIN ${secret}`, { secret: true });
    expect(octetsOf(command).toString()).toBe(`auth PLAIN ${secret}\r\n`);
    expect(command).toMatchObject({ verb: 'AUTH', text: 'AUTH (secret)' });
  });

  it('shows a mechanism that it knows, and no other word', () => {
    expect(encodeCommand(`AUTH PLAIN ${secret}`, { secret: true }).text).toBe('AUTH PLAIN (secret)');
    expect(encodeCommand('AUTH SCRAM-SHA-256-PLUS', { secret: true }).text).toBe('AUTH SCRAM-SHA-256-PLUS (secret)');
    expect(encodeCommand(`AUTH ${secret}`, { secret: true }).text).toBe('AUTH (secret)');
    expect(encodeCommand('AUTH PLAINTEXT', { secret: true }).text).toBe('AUTH (secret)');
  });

  it.each([
    ['a control', `AUTH PLAIN ${secret}\0`],
    ['non-ASCII text', `AUTH PLAIN ${secret}\u00fc`],
    ['no verb', `*${secret}`],
    ['its length', `AUTH PLAIN ${secret.repeat(1000)}`],
  ])('is not shown by the error when it is refused for %s', (_what, line) => {
    const error = refusal(line, { secret: true });
    expect(inspect(error)).not.toContain(secret);
  });
});

describe('encodeAuthAnswer', () => {
  it.each([
    ['c2VjcmV0', '(secret)'],
    ['', '(secret)'],
    ['=', '(secret)'],
    ['*', '*'],
  ])('encodes %j, and shows it as %j', (answer, text) => {
    expect(shown(encodeAuthAnswer(answer))).toEqual({ verb: 'AUTH', octets: `${answer}\r\n`, text });
  });

  it('refuses what no answer can be, without showing it', () => {
    for (const answer of ['c2Vjc\u00fcmV0', 'c2VjcmV0'.repeat(9000)]) {
      const error = thrownBy(() => encodeAuthAnswer(answer));
      expect(error).toBeInstanceOf(MessageError);
      expect(inspect(error)).not.toContain('c2Vjc');
    }
  });
});
