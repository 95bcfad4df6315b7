/** Every public function of the message layer gives a typed error for a value of the wrong kind, whatever it is. */
import { fileURLToPath } from 'node:url';
import {
  decodeWords,
  fileAttachment,
  formatMailbox,
  isPosthasteError,
  Message,
  messageFromFile,
  parseAddressList,
  quoteaddr,
  quotedata,
} from '../../src/index.js';
import { checkChoice, checkOptions, checkText } from '../../src/message/check-argument.js';
import { failure } from './failure.js';

const values: readonly (readonly [kind: string, value: unknown])[] = [
  ['null', null],
  ['undefined', undefined],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a number', 7],
  ['no number', NaN],
  ['true', true],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an object of wrong values', { name: Symbol('n'), address: 1n, from: Symbol('f'), mode: 1n }],
  ['a mailbox with a wrong name', { name: 1n, address: 'a@b' }],
  ['a list', []],
  ['a list of null', [null]],
  ['a list of symbols', [Symbol('s')]],
  ['a list of bigints', [1n]],
  ['a list of mailboxes with wrong names', [{ name: null, address: 'a@b.c' }]],
  ['a function', () => 1n],
  ['a Map', new Map()],
  ['an invalid Date', new Date(NaN)],
  ['other octets', new Uint16Array(2)],
  ['a String', new String('a@b.c')],
  ['text with a line end', 'x\0\r\ny'],
];

const fields = { from: 'a@b.c', to: 'd@e.f' };
const message = (): Message => Message.parse('From: a@b.c\nTo: d@e.f\n\nText\n');
const file = fileURLToPath(new URL('../../fixtures/messages/header-only.eml', import.meta.url));

/** A call with one value in one place. The types would not let it pass. */
type Call = (value: never) => unknown;

const calls: Record<string, Call> = {
  'Message.parse': (value) => Message.parse(value),
  'Message.compose': (value) => Message.compose(value),
  formatMailbox: (value) => formatMailbox(value),
  'formatMailbox name': (value) => formatMailbox({ name: value, address: 'a@b.c' }),
  'formatMailbox address': (value) => formatMailbox({ address: value }),
  quoteaddr: (value) => quoteaddr(value),
  quotedata: (value) => quotedata(value),
  parseAddressList: (value) => parseAddressList(value),
  'parseAddressList options': (value) => parseAddressList('a@b.c', value),
  'parseAddressList mode': (value) => parseAddressList('a@b.c', { mode: value }),
  decodeWords: (value) => decodeWords(value),
  fileAttachment: (value) => fileAttachment(value),
  'fileAttachment options': (value) => fileAttachment('x', value),
  messageFromFile: (value) => messageFromFile(value),
  'messageFromFile options': (value) => messageFromFile(file, value),
  'messageFromFile scan': (value) => messageFromFile(file, { scan: value }),
  envelope: (value) => message().envelope(value),
  explainEnvelope: (value) => message().explainEnvelope(value),
  resend: (value) => message().resend(value),
  toBytes: (value) => message().toBytes(value),
  stream: (value) => message().stream(value),
  'headers.get': (value) => message().headers.get(value),
  'headers.getAll': (value) => message().headers.getAll(value),
  'headers.has': (value) => message().headers.has(value),
  'headers.delete': (value) => message().headers.delete(value),
  'headers.set name': (value) => {
    message().headers.set(value, 'x');
  },
  'headers.set value': (value) => {
    message().headers.set('X-A', value);
  },
  'headers.append name': (value) => {
    message().headers.append(value, 'x');
  },
  'headers.append value': (value) => {
    message().headers.append('X-A', value);
  },
  'headers.prepend': (value) => {
    message().headers.prepend(value, value);
  },
  'the value of a header': (value) => Message.compose({ ...fields, headers: { 'X-A': value } }),
  'the value of a header of an attachment': (value) =>
    Message.compose({ ...fields, attachments: [{ content: 'x', headers: { 'X-A': value } }] }),
  'what a source gives': (value) => Message.compose({ ...fields, attachments: [{ content: () => value }] }).toBytes(),
  'what a source is made of': (value) =>
    Message.compose({
      ...fields,
      attachments: [
        {
          content: async function* () {
            yield await Promise.resolve(value);
          },
        },
      ],
    }).toBytes(),
};

const placesOf = {
  compose: [
    ...['from', 'sender', 'replyTo', 'to', 'cc', 'bcc', 'subject', 'text', 'html', 'alternatives', 'attachments'],
    ...['date', 'messageId', 'inReplyTo', 'references', 'headers', 'textEncoding'],
  ],
  attachment: ['content', 'filename', 'contentType', 'cid', 'disposition', 'headers', 'encoding'],
  resend: ['from', 'to', 'cc', 'bcc', 'sender', 'date', 'messageId'],
  envelope: ['from', 'to', 'addresses', 'requireDomain', 'conformance', 'resent'],
  serialize: ['lineEndings', 'keepReturnPath', 'allowLongLines'],
};

for (const place of placesOf.compose)
  calls[`compose ${place}`] = (value) => Message.compose({ ...fields, [place]: value });
for (const place of placesOf.attachment) {
  calls[`attachment ${place}`] = (value) =>
    Message.compose({ ...fields, attachments: [{ content: 'x', [place]: value }] }).toBytes();
  calls[`alternative ${place}`] = (value) =>
    Message.compose({ ...fields, alternatives: [{ content: 'x', contentType: 'text/x', [place]: value }] }).toBytes();
}
for (const place of placesOf.resend)
  calls[`resend ${place}`] = (value) => message().resend({ ...fields, [place]: value });
for (const place of placesOf.envelope) {
  calls[`envelope ${place}`] = (value) => message().envelope({ [place]: value });
  calls[`explainEnvelope ${place}`] = (value) => message().explainEnvelope({ [place]: value });
}
for (const place of placesOf.serialize) calls[`toBytes ${place}`] = (value) => message().toBytes({ [place]: value });

it.each(Object.entries(calls))('%s', async (_name, call) => {
  const faults: string[] = [];
  for (const [kind, value] of values) {
    try {
      await call(value as never);
    } catch (error) {
      if (!isPosthasteError(error)) faults.push(`${kind}: ${String(error)}`);
      else if (!error.code.startsWith('ERR_') || error.message === '') faults.push(`${kind}: ${error.code}`);
    }
  }
  expect(faults).toEqual([]);
});

it('text, options and choices of the wrong kind are refused by name', () => {
  expect(() => {
    checkText([1n], 'the path');
  }).toThrow(failure({ code: 'ERR_INVALID_ARGUMENT', message: 'the path is no text but a list' }));
  expect(() => {
    checkOptions(null);
  }).toThrow(failure({ code: 'ERR_INVALID_ARGUMENT', message: 'the options argument is no object but null' }));
  expect(() => {
    checkChoice('c', ['a', 'b'], 'mode');
  }).toThrow(
    failure({ code: 'ERR_INVALID_OPTION', message: 'the option mode cannot be "c"', hint: 'Choose one of: a, b.' }),
  );
  expect(() => {
    checkChoice('c'.repeat(101), ['a'], 'mode');
  }).toThrow(failure({ message: `the option mode cannot be "${'c'.repeat(100)}"` }));
  checkText('', 'x');
  checkOptions({});
  checkChoice(undefined, ['a'], 'x');
  checkChoice(false, [true, false], 'x');
});
