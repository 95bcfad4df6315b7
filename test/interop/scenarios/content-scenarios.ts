// What arrives must be what was sent: contents of all kinds, and envelopes with none, some or all recipients refused.
import {
  Message,
  MessageTooLargeError,
  SMTPDataError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
} from '../../../src/index.js';
import { canonical, content, fiveMegabytes, withLf, without } from '../contents.js';
import { ALICE, BOB, BOOKSHOP, BOOKSHOP_ASCII, CAROL, JUERGEN, MEMBERS, SENDER, UNKNOWN } from '../mailboxes.js';
import { isMailerMode } from '../modes.js';
import type { InteropServer } from '../servers/server.js';
import { expectDelivered } from '../trial.js';
import { type Inability, needs, rejectionOf, type Scenario, sendAndExpect } from './scenario.js';

export function needsRefusals({ name }: InteropServer): Inability | undefined {
  if (name !== 'smtp-sink') return undefined;
  return {
    reason: 'takes every recipient',
    prove: async ({ client }) => {
      await client.mail(SENDER);
      expect((await client.rcpt(UNKNOWN)).code).toBe(250);
    },
  };
}

function refusesLongLines({ name }: InteropServer): Inability | undefined {
  if (name !== 'aiosmtpd') return undefined;
  return {
    reason: 'refuses lines of more than 1,000 octets',
    prove: async ({ sender }) => {
      const message = content('a long line', `${'z'.repeat(5_000)}\r\n`);
      const serializeOptions = { allowLongLines: true };
      const refusal = await rejectionOf(sender.sendmail(SENDER, ALICE, message, { serializeOptions }));
      expect(refusal).toBeInstanceOf(SMTPDataError);
      expect(refusal).toMatchObject({ delivery: 'refused' });
    },
  };
}

const SIGNATURE =
  'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k;\r\n\th=from:to;\r\n bh=AAAA=;  b=BBBB\r\n\tCCCC';

export const CONTENT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'composed: text, HTML, an inline image and an attachment, with names and a subject outside ASCII',
    run: async (trial) => {
      const message = Message.compose({
        from: { name: 'J\u00f6rg, the sender', address: SENDER },
        to: [{ name: '\u674e\u56db', address: ALICE }, BOB],
        bcc: CAROL,
        subject:
          'Gr\u00fc\u00dfe \u2014 and a subject that is long enough to be folded over more than one line of the header',
        text: 'caf\u00e9\n.dot\nFrom here\n'.repeat(20),
        html: '<p>caf\u00e9 <img src="cid:logo">',
        attachments: [
          { content: Buffer.alloc(3_000, 7), filename: 'logo.png', cid: 'logo' },
          { content: Buffer.from('a,b\r\n'), filename: '\u8868.csv' },
        ],
      });
      const bytes = await message.toBytes();
      const result = await trial.sender.sendMessage(message);
      expect(result.accepted).toEqual([ALICE, BOB, CAROL]);
      await expectDelivered(trial, { recipients: [ALICE, BOB, CAROL], bytes });
    },
  },
  {
    name: 'raw resend of an archived message (LF, mbox line, trace and signature fields)',
    run: async (trial) => {
      const trace = ['Return-Path: <old@example.org>'];
      const kept = [
        'Received: from a.example by b.example; Sun, 1 Mar 2026 09:00:00 +0000',
        SIGNATURE,
        'X-Odd:  two  blanks ',
      ];
      const archived = content('archived', 'first\r\n\r\n.dot\r\nlast\r\n', [...trace, ...kept]);
      const file = Buffer.concat([Buffer.from('From old@example.org Sun Mar  1 09:00:00 2026\n'), withLf(archived)]);
      const result = await trial.sender.sendMessage(Message.parse(file), { to: [BOB, CAROL] });
      expect(result.envelope).toEqual({ from: SENDER, to: [BOB, CAROL] });
      await expectDelivered(trial, { recipients: [BOB, CAROL], bytes: without(archived, trace) });
    },
  },
  {
    name: 'Bcc fields removed, their addresses served',
    run: async (trial) => {
      const bcc = [`Bcc: ${BOB},\r\n ${CAROL}`, `BCC : ${ALICE}`];
      const message = content('with Bcc', 'body\r\nBcc: not@a.field\r\n', [...bcc, 'X-Last: yes']);
      const result = await trial.sender.sendMessage(Message.parse(message));
      expect(result.accepted).toEqual([ALICE, BOB, CAROL]);
      await expectDelivered(trial, { recipients: [ALICE, BOB, CAROL], bytes: without(message, bcc) });
    },
  },
  {
    name: 'partial refusal',
    inability: needsRefusals,
    run: async (trial) => {
      const message = content('for two of three', 'body\r\n');
      const result = await trial.sender.sendmail(SENDER, [ALICE, UNKNOWN, BOB], message);
      expect(result.accepted).toEqual([ALICE, BOB]);
      expect([...result.refused.keys()]).toEqual([UNKNOWN]);
      expect(Math.floor((result.refused.get(UNKNOWN)?.code ?? 0) / 100)).toBe(5);
      await expectDelivered(trial, { recipients: [ALICE, BOB], bytes: message });
    },
  },
  {
    name: 'all refused, then the same connection is used again',
    inability: needsRefusals,
    run: async (trial) => {
      const message = content('for nobody', 'body\r\n');
      const refusal = await rejectionOf(trial.sender.sendmail(SENDER, UNKNOWN, message));
      expect(refusal).toBeInstanceOf(SMTPRecipientsRefused);
      expect(refusal).toMatchObject({ delivery: 'refused', retryable: false });
      await expectDelivered(trial, { recipients: [], bytes: message });
      await sendAndExpect(trial, message);
    },
  },
  {
    name: '8-bit content',
    run: async (trial) => {
      const octets = Array.from({ length: 128 }, (_, index) => String.fromCharCode(128 + index)).join('');
      const message = content('8-bit', `${octets}\r\nMünchen\r\n`, ['Content-Transfer-Encoding: 8bit']);
      await sendAndExpect(trial, message);
    },
  },
  {
    name: 'SMTPUTF8: a local part and a header outside ASCII',
    inability: needs('SMTPUTF8', async ({ sender }) => {
      const refusal = await rejectionOf(sender.sendmail(SENDER, JUERGEN, content('no', 'body\r\n')));
      expect(refusal).toBeInstanceOf(SMTPNotSupportedError);
      expect(refusal).toMatchObject({ delivery: 'not-sent' });
    }),
    run: async (trial) => {
      const subject = Buffer.from('Grüße aus München', 'utf8').toString('latin1');
      const message = content(subject, 'body\r\n');
      await sendAndExpect(trial, message, { recipients: [JUERGEN, ALICE] });
    },
  },
  {
    name: 'a domain outside ASCII goes as A-label, without SMTPUTF8',
    run: async (trial) => {
      const message = content('to a bookshop', 'body\r\n');
      const result = await trial.sender.sendmail(SENDER, BOOKSHOP, message);
      expect(result.accepted).toHaveLength(1);
      await expectDelivered(trial, { recipients: [BOOKSHOP_ASCII], bytes: message });
    },
  },
  {
    name: '5 MB',
    run: async (trial) => {
      const message = fiveMegabytes();
      await sendAndExpect(trial, message, { recipients: [ALICE, BOB] });
    },
  },
  {
    name: 'over the announced SIZE: refused before MAIL',
    inability: needs('SIZE'),
    run: async (trial) => {
      const limit = Number(trial.client.esmtpFeatures.get('size'));
      const message = content('too large', `${'x'.repeat(98)}\r\n`.repeat(Math.ceil(limit / 100)));
      const before = trial.wire.length;
      const refusal = await rejectionOf(trial.sender.sendmail(SENDER, ALICE, message));
      expect(refusal).toBeInstanceOf(MessageTooLargeError);
      expect(refusal).toMatchObject({ limitBytes: limit, sizeBytes: message.length, delivery: 'not-sent' });
      const sent = trial.wire.slice(before).filter(({ direction }) => direction === 'sent');
      expect(sent.filter(({ text }) => text.includes(` SIZE=${String(message.length)}`))).toEqual([]);
      if (!isMailerMode(trial.mode)) expect(sent).toEqual([]);
    },
  },
  {
    name: '500 recipients',
    run: async (trial) => {
      const message = content('to all members', 'body\r\n');
      await sendAndExpect(trial, message, { recipients: [...MEMBERS] });
    },
  },
  {
    name: 'dots: lines of dots, and what looks like the end',
    run: async (trial) => {
      const ends = '.\r\n..\r\n...\r\n.a\r\n..b\r\n \r\n.\r\n\r\n.\r\nRSET\r\nQUIT\r\n.\r\n';
      const message = content('dots', `${ends}\r\n.\n.\r.\r\n.`);
      await sendAndExpect(trial, message, { expected: Buffer.concat([canonical(message), Buffer.from('\r\n')]) });
    },
  },
  {
    name: 'dots and line ends from a source that gives one octet at a time',
    run: async (trial) => {
      const message = content('octets', '.\r\n..\r\n\n.\n\r.\r\r\n.\r\nü\r');
      const source = async function* () {
        for (const octet of message) yield await Promise.resolve(Uint8Array.of(octet));
      };
      const result = await trial.sender.sendmail(SENDER, ALICE, source);
      expect(result.accepted).toEqual([ALICE]);
      await expectDelivered(trial, { recipients: [ALICE], bytes: canonical(message) });
    },
  },
  {
    name: 'line ends: LF only',
    run: async (trial) => {
      const message = content('LF', 'one\r\n\r\n.two\r\n\r\n\r\nthree\r\n');
      await sendAndExpect(trial, withLf(message), { expected: message });
    },
  },
  {
    name: 'line ends: CRLF, LF and CR mixed',
    run: async (trial) => {
      const message = content('mixed', 'one\r\ntwo\nthree\rfour\r\r\nfive\n\rsix\n\n\r\r');
      await sendAndExpect(trial, message, { expected: canonical(message) });
    },
  },
  {
    name: 'long header: folds with blanks and tabs, lines of 998 octets',
    run: async (trial) => {
      const references = Array.from({ length: 60 }, (_, index) => `<part${String(index)}.of.thread@interop.test>`);
      const longLine = `X-Long: ${'x'.repeat(998 - 'X-Long: '.length)}`;
      const folded = `References: ${references.join('\r\n\t ')}`;
      const message = content('long header', `${'y'.repeat(998)}\r\n`, [
        folded,
        longLine,
        'X-Empty:',
        'X-Tab:\tvalue\t',
      ]);
      await sendAndExpect(trial, message);
    },
  },
  {
    name: 'a line of 5,000 octets, which the caller allowed',
    inability: refusesLongLines,
    run: async (trial) => {
      const message = content('a long line', `${'z'.repeat(5_000)}\r\nlast\r\n`);
      await trial.sender.sendmail(SENDER, ALICE, message, { serializeOptions: { allowLongLines: true } });
      await expectDelivered(trial, { recipients: [ALICE], bytes: message });
    },
  },
  {
    name: 'null reverse-path',
    run: async (trial) => {
      const message = content('a notification', 'body\r\n');
      await trial.sender.sendmail('', ALICE, message);
      await expectDelivered(trial, { from: '', recipients: [ALICE], bytes: message });
    },
  },
  {
    name: 'ten messages, each behind the end of the one before, on one connection',
    run: async (trial) => {
      for (let index = 0; index < 10; index += 1) {
        const message = content(`number ${String(index)}`, `${'.'.repeat(index)}\r\n`);
        await sendAndExpect(trial, message, { recipients: index % 2 === 0 ? [ALICE] : [BOB, CAROL] });
      }
    },
  },
];
