import { Message } from '../../src/index.js';
import { provenanceOf, type Provenance } from '../../src/inbox/provenance.js';

function of(header: string, to: readonly string[], from = 'ann@example.org', body = ''): Provenance {
  const raw = Buffer.from(`${header}\n\n${body}`);
  return provenanceOf(
    Message.parse(raw),
    raw,
    from,
    to.map((address) => ({ address, reply: undefined })),
  );
}

it('a recipient has the fields that name it; one that no field names is blind', () => {
  const { recipients, sender } = of(
    'From: ann@example.org\nTo: bob@example.org, bob@EXAMPLE.org\nCc: bob@example.org, dan@bücher.example',
    ['bob@example.org', 'dan@xn--bcher-kva.example', 'cid@example.org', 'Bob@example.org'],
  );
  expect(recipients.map(({ origin, namedIn }) => [origin, namedIn.map(({ header }) => header).join()])).toEqual([
    ['field', 'To,To,Cc'],
    ['field', 'Cc'],
    ['blind', ''],
    // The local part is kept as it is.
    ['blind', ''],
  ]);
  expect(sender).toEqual({ address: 'ann@example.org', origin: 'field', namedIn: [{ header: 'From', occurrence: 0 }] });
});

it('of a resent message the Resent fields count, and the others are the original', () => {
  const header = 'Resent-From: eve@example.org\nResent-To: cid@example.org\nFrom: ann@example.org\nTo: bob@example.org';
  const { recipients, resent, sender, notAddressed } = of(
    header,
    ['cid@example.org', 'bob@example.org'],
    'eve@example.org',
  );
  expect(resent).toBe(true);
  expect(recipients.map(({ origin }) => origin)).toEqual(['field', 'original']);
  expect(sender.namedIn).toEqual([{ header: 'Resent-From', occurrence: 0 }]);
  expect(notAddressed).toEqual([]);
});

it('a Bcc, a Resent-Bcc and a Return-Path that arrive are leaks', () => {
  const { leaked } = of(
    'Return-Path: <a@b>\nFrom: ann@example.org\nBcc: x@y.org\nBcc: z@y.org\nResent-Bcc: q@y.org',
    [],
  );
  expect(leaked).toEqual([
    { header: 'Return-Path', occurrence: 0 },
    { header: 'Bcc', occurrence: 0 },
    { header: 'Bcc', occurrence: 1 },
    { header: 'Resent-Bcc', occurrence: 0 },
  ]);
});

it('who is named and not addressed is told once, with the first field', () => {
  expect(
    of('From: ann@example.org\nTo: bob@example.org\nCc: bob@example.org, cid@example.org', ['cid@example.org'])
      .notAddressed,
  ).toEqual([{ address: 'bob@example.org', header: 'To', occurrence: 0 }]);
});

it('another sender than the fields name, and the null sender, are told', () => {
  expect(of('From: ann@example.org\nTo: b@c.org', [], 'bounce@list.example').sender).toEqual({
    address: 'bounce@list.example',
    origin: 'blind',
    namedIn: [],
    inFields: 'ann@example.org',
  });
  expect(of('From: ann@example.org\nTo: b@c.org', [], '').sender).toMatchObject({ address: '', origin: 'blind' });
});

it('fields that cannot be read are a note, and everybody is blind', () => {
  const { notes, recipients } = of('From: ann@example.org\nTo: @@@ j@example.org <', ['j@example.org']);
  expect(notes).toHaveLength(1);
  expect(recipients[0]?.origin).toBe('blind');
  expect(of('From: ann@example.org\nSubject: for nobody', ['bob@example.org']).notes).toEqual([]);
});

it('counts the lines that begin with a dot', () => {
  expect(of('From: a@b.org', [], 'a@b.org', '.one\ntwo\n..three\n.\n').dotLines).toBe(3);
  expect(of('From: a@b.org', [], 'a@b.org', 'one.\n two.\n').dotLines).toBe(0);
});

it('octets without a header block have no fields', () => {
  expect(
    provenanceOf(undefined, Buffer.from('.'), 'a@b.org', [{ address: 'b@c.org', reply: { code: 550, text: 'no' } }]),
  ).toEqual({
    sender: { address: 'a@b.org', origin: 'blind', namedIn: [] },
    recipients: [
      { address: 'b@c.org', status: 'refused', reply: { code: 550, text: 'no' }, origin: 'blind', namedIn: [] },
    ],
    notAddressed: [],
    resent: false,
    leaked: [],
    dotLines: 1,
    notes: [],
  });
});
