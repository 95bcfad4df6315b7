/** Texts that are sent as they are where the server takes 8-bit octets, and encoded where it does not. */
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import type { MessageFields } from '../../src/message/message-fields.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import type { Content } from '../../src/octets/content.js';
import { fixedEnvironment } from './fixed-environment.js';
import { runs } from './runs.js';

beforeAll(() => {
  bindMessageEnvironment(fixedEnvironment);
});

const minimal = { from: 'a@x.example', to: 'b@x.example', subject: 'Grüße', textEncoding: '8bit' } as const;

async function octetsOf(content: Content | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  if (content !== undefined) for await (const chunk of content.stream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The octets as they are, and for a server that takes 7 bits. */
async function bothForms(message: Message): Promise<[eightBit: string, sevenBit: string | undefined]> {
  const content = serializeMessage(message);
  const sevenBit = content.sevenBit?.();
  return [await octetsOf(content), sevenBit && (await octetsOf(sevenBit))];
}

it('is what is asked for, not the default', async () => {
  const auto: MessageFields = { from: minimal.from, to: minimal.to, subject: 'Grüße', text: 'Schöne Grüße' };
  const content = serializeMessage(Message.compose(auto));
  expect(content).toMatchObject({ eightBit: false, sevenBit: undefined });
  expect(await octetsOf(content)).toBe(
    await octetsOf(serializeMessage(Message.compose({ ...auto, textEncoding: 'auto' }))),
  );
});

describe('a text alone', () => {
  it('stands as it is, or is encoded, and nothing else differs', async () => {
    const message = Message.compose({ ...minimal, text: 'Schöne Grüße und noch vieles mehr\n' });
    expect(serializeMessage(message)).toMatchObject({ eightBit: true, headerCharset: 'ascii' });
    expect(serializeMessage(message).sevenBit?.()).toMatchObject({ eightBit: false, sevenBit: undefined });
    const [eightBit, sevenBit] = await bothForms(message);
    expect(eightBit).toContain('Content-Transfer-Encoding: 8bit\r\n\r\nSchöne Grüße und noch vieles mehr\r\n');
    expect(sevenBit).toBe(
      eightBit
        .replace('Encoding: 8bit', 'Encoding: quoted-printable')
        .replace('Schöne Grüße und', 'Sch=C3=B6ne Gr=C3=BC=C3=9Fe und'),
    );
    expect(await bothForms(message)).toEqual([eightBit, sevenBit]);
  });

  it.each([
    ['ASCII', 'Hello'],
    ['a line that is too long', 'ü'.repeat(500)],
    ['a line like those between messages in a file', 'ü\nFrom a'],
    ['a control', 'ü\u0007'],
  ])('is encoded in any case: %s', (_what, text) => {
    expect(serializeMessage(Message.compose({ ...minimal, text }))).toMatchObject({
      eightBit: false,
      sevenBit: undefined,
    });
  });
});

describe('a tree of parts', () => {
  const fields: MessageFields = {
    ...minimal,
    text: 'Grüße',
    html: '<p>Grüße<img src="cid:i">',
    alternatives: [{ content: 'SUMMARY:Grüße', contentType: 'text/calendar' }],
    attachments: [
      { content: 'Grüße', filename: 'g.txt' },
      { content: 'i', cid: 'i', filename: 'i.png' },
    ],
  };

  it('says 8bit on each level that holds such a text, and no more', async () => {
    const [eightBit, sevenBit = ''] = await bothForms(Message.compose(fields));
    expect(eightBit.match(/^Content-Transfer-Encoding: \w+/gm)?.map((line) => line.slice(27))).toEqual(
      // mixed, alternative, plain, related, html, image, calendar, attachment
      ['8bit', '8bit', '8bit', '8bit', '8bit', 'base64', '8bit', 'base64'],
    );
    expect(sevenBit.match(/^Content-Transfer-Encoding: [\w-]+/gm)?.map((line) => line.slice(27))).toEqual([
      'base64',
      'quoted-printable',
      'base64',
      'base64',
      'base64',
    ]);
  });

  it('has the same boundaries and identifier, and the same meaning', async () => {
    const forms = await bothForms(Message.compose(fields));
    const [first, second] = forms.map((octets = '') => octets.match(/boundary="[^"]+"|^Message-ID: .*|^Date: .*/gm));
    expect(first).toHaveLength(5);
    expect(second).toEqual(first);
    const [one, other] = await Promise.all(forms.map((octets = '') => simpleParser(octets, { keepCidLinks: true })));
    expect([one?.text, one?.html]).toEqual(['Grüße', fields.html]);
    expect([other?.text, other?.html]).toEqual(['Grüße', fields.html]);
    const contents = (mail: typeof one): string[] | undefined =>
      mail?.attachments.map(({ content }) => content.toString());
    expect(contents(one)).toEqual(['i', 'SUMMARY:Grüße', 'Grüße']);
    expect(contents(other)).toEqual(contents(one));
  });

  it('reads streamed attachments in either form', async () => {
    const streamed = Message.compose({
      ...minimal,
      text: 'Grüße',
      attachments: [{ content: () => chunks('data'), filename: 'd.bin' }],
    });
    const content = serializeMessage(streamed);
    expect(content).toMatchObject({ eightBit: undefined, replayable: true });
    expect(content.sevenBit?.()).toMatchObject({ eightBit: false, replayable: true });
    const [eightBit, sevenBit] = await bothForms(streamed);
    expect(eightBit).toContain('Grüße');
    expect(sevenBit).toContain('ZGF0YQ==');
    // eslint-disable-next-line no-control-regex -- this is the range of ASCII
    expect(sevenBit).toMatch(/^[\x00-\x7f]*$/);
  });

  it('an attached message that is 8-bit itself is not changed', async () => {
    const inner = Buffer.from('Subject: Grüße\r\n\r\nGrüße');
    const message = Message.compose({
      ...minimal,
      text: 'Grüße',
      attachments: [{ content: inner, contentType: 'message/rfc822' }],
    });
    const content = serializeMessage(message).sevenBit?.();
    expect(content?.eightBit).toBe(true);
    expect(await octetsOf(content)).toContain(inner.toString());
  });
});

describe('the other form', () => {
  const fields = { ...minimal, text: 'Grüße' };

  it('has the header fields as they were when the content was made', async () => {
    const message = Message.compose(fields);
    message.headers.set('Subject', 'Edited');
    const content = serializeMessage(message);
    message.headers.set('Subject', 'Edited again');
    const sevenBit = await octetsOf(content.sevenBit?.());
    expect(sevenBit).toContain('Subject: Edited\r\n');
    expect(sevenBit).toContain('Content-Transfer-Encoding: base64\r\n');
  });

  it('is gone once the field that it changes was edited', () => {
    const message = Message.compose(fields);
    message.headers.set('Content-Transfer-Encoding', 'binary');
    expect(serializeMessage(message).sevenBit).toBeUndefined();
  });

  it('is gone from a message that was parsed or resent: who signed it may have signed it as it is', async () => {
    const message = Message.compose(fields);
    expect(serializeMessage(Message.parse(await message.toBytes())).sevenBit).toBeUndefined();
    expect(serializeMessage(message.resend({ from: 'c@x.example', to: 'd@x.example' })).sevenBit).toBeUndefined();
  });
});

it('every text reads the same in both forms', async () => {
  const letters = fc.constantFrom('a', 'ü', '€', '😀', '\n', '\r', ' ', '.', '=', 'From ', '\t', 'words and words ');
  const text = fc.array(letters, { minLength: 1, maxLength: 60 }).map((parts) => `ä${parts.join('')}.`);
  await fc.assert(
    fc.asyncProperty(text, text, async (plain, html) => {
      const message = Message.compose({ ...minimal, text: plain, html });
      const [eightBit, sevenBit = eightBit] = await bothForms(message);
      // eslint-disable-next-line no-control-regex -- this is the range of ASCII
      expect(sevenBit).toMatch(/^[\x00-\x7f]*$/);
      const lines = (given: string): string => given.replace(/\r\n|\r/g, '\n');
      for (const octets of [eightBit, sevenBit]) {
        const mail = await simpleParser(octets);
        expect([mail.text, mail.html]).toEqual([lines(plain), lines(html)]);
      }
    }),
    runs(100),
  );
});

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
