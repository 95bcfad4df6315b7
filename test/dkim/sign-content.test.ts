import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { checkDkimKeys, type SigningKey } from '../../src/dkim/dkim-key.js';
import { signature, signatureInput, signContent, splitFields } from '../../src/dkim/sign-content.js';
import { fieldsOfNames } from '../../src/dkim/signed-fields.js';
import { verify } from '../support/dkim-verifier.js';
import { chunksOf, cutsArbitrary } from '../support/octet-arbitraries.js';
import { rejectionOf } from '../support/rejection.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/dkim/${name}`, import.meta.url));

const NOW = new Date(Date.UTC(2025, 10, 22, 8, 12, 5, 999));
const example = fixture('rfc8463-appendix-a.eml');
const domain = 'football.example.com';
const keys = {
  brisbane: { domain, selector: 'brisbane', privateKey: createPrivateKey(fixture('rfc8463-ed25519.key')) },
  test: { domain, selector: 'test', privateKey: createPrivateKey(fixture('rfc8463-rsa.key')) },
} as const;
const both = [keys.brisbane, keys.test];

const checked = (given: unknown): readonly SigningKey[] => checkDkimKeys(given, (name) => name);

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const sign = async (content: Uint8Array, given: unknown = both): Promise<readonly string[]> =>
  await signContent(stream([content]), checked(given), NOW);

const value = (field: string, tag: string): string =>
  new RegExp(`[;:\\s]${tag}=([^;]*)`).exec(field)?.[1]?.replace(/\s/g, '') ?? '';

describe('the example of RFC 8463 appendix A', () => {
  const headEnd = example.indexOf('\r\n\r\n');
  const fields = splitFields(example.subarray(0, headEnd + 2));
  const signatures = fields.filter(({ key }) => key === 'dkim-signature').map(({ octets }) => octets.toString());
  const signed = fields.filter(({ key }) => key !== 'dkim-signature');
  const unsignedExample = Buffer.concat([...signed.map(({ octets }) => octets), example.subarray(headEnd + 2)]);

  it('is what the verifier of these tests takes', async () => {
    expect(await verify(example, both)).toEqual(['pass', 'pass']);
  });

  it.each(['brisbane', 'test'] as const)('has the signature of %s, octet for octet', async (selector) => {
    const field = signatures.find((text) => value(text, 's') === selector) ?? '';
    const names = value(field, 'h').split(':');
    const unsigned = field.slice(0, field.search(/\sb=/) + 3);
    const [key] = checked(keys[selector]);
    if (key === undefined) throw new Error('no key');
    const input = signatureInput(fieldsOfNames(signed, names), unsigned, 'relaxed');
    expect((await signature(input, key)).toString('base64')).toBe(value(field, 'b'));
  });

  it('has the body hash of the example, and passes with signatures of its own', async () => {
    const made = await sign(unsignedExample);
    expect(made.map((field) => value(field, 'bh'))).toEqual(signatures.map((field) => value(field, 'bh')));
    expect(await verify(Buffer.concat([Buffer.from(made.join('')), unsignedExample]), both, NOW)).toEqual([
      'pass',
      'pass',
    ]);
  });
});

describe('the signatures of content', () => {
  const content = Buffer.from('From: a@x.example\r\nTo: b@x.example\r\nSubject: hi\r\n\r\nHello  you \r\n\r\n\r\n');

  it('tell when they were made and until when they hold, in seconds', async () => {
    const [plain] = await sign(content, keys.brisbane);
    expect(value(plain ?? '', 't')).toBe('1763799125');
    expect(value(plain ?? '', 'x')).toBe('');
    const [timed] = await sign(content, { ...keys.brisbane, expiresInMs: 3_600_000 });
    expect(value(timed ?? '', 'x')).toBe(String(1_763_799_125 + 3600));
  });

  it('name no length of the body, which would let others add to it', async () => {
    for (const field of await sign(content)) expect(value(field, 'l')).toBe('');
  });

  it('are the same however the content is cut', async () => {
    const given = [keys.brisbane, { ...keys.brisbane, selector: 'b', canonicalization: 'simple/simple' }];
    const whole = await sign(content, given);
    await fc.assert(
      fc.asyncProperty(cutsArbitrary(), async (cuts) => {
        expect(await signContent(stream(chunksOf(content, cuts)), checked(given), NOW)).toEqual(whole);
      }),
    );
    const octets = Array.from(content, (octet) => Uint8Array.of(octet));
    expect(await signContent(stream(octets), checked(given), NOW)).toEqual(whole);
  });

  it('are those of an empty body when there is none, or not even an empty line', async () => {
    const head = 'From: a@x.example\r\nSubject: hi\r\n';
    const [withLine] = await sign(Buffer.from(`${head}\r\n`), keys.brisbane);
    const [without] = await sign(Buffer.from(head), keys.brisbane);
    expect(withLine).toBe(without);
    expect(value(withLine ?? '', 'bh')).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  });

  it.each(['Subject: hi\r\n\r\nFrom: a\r\n', '\r\nFrom: a@x.example\r\n\r\n', '', 'not From: a\r\n\r\n'])(
    'need a From field in the header block: %j',
    async (text) => {
      expect(await rejectionOf(sign(Buffer.from(text)))).toMatchObject({ code: 'ERR_DKIM_NO_FROM', header: 'From' });
    },
  );

  it('are not made of a message without From, whose body is not read', async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield await Promise.resolve(Buffer.from('Subject: hi\r\n\r\n'));
        throw new Error('the body was read');
      } finally {
        isClosed = true;
      }
    }
    expect(await rejectionOf(signContent(source(), checked(both), NOW))).toMatchObject({ code: 'ERR_DKIM_NO_FROM' });
    expect(isClosed).toBe(true);
  });

  it('are given up when the signal fires, and the source is closed', async () => {
    const controller = new AbortController();
    let given = 0;
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (; given < 100; given += 1) {
          if (given === 3) controller.abort(new Error('enough'));
          yield await Promise.resolve(content);
        }
      } finally {
        isClosed = true;
      }
    }
    const error = await rejectionOf(signContent(source(), checked(both), NOW, controller.signal));
    expect(error).toMatchObject({ message: 'enough' });
    expect([given, isClosed]).toEqual([3, true]);
  });

  it('do not keep the body: no chunk is looked at again', async () => {
    const scratch = Buffer.alloc(1000, 'a b\r\n');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(content);
      for (let index = 0; index < 5; index += 1) {
        scratch.fill(`${String(index)} b\r\n`);
        yield scratch;
      }
    }
    const copies: Buffer[] = [];
    for await (const chunk of source()) copies.push(Buffer.from(chunk));
    expect(await signContent(source(), checked(both), NOW)).toEqual(await sign(Buffer.concat(copies)));
  });

  it('cover a key of RSA with several threads at once', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const many = Array.from({ length: 6 }, (_, index) => ({ domain, selector: `s${String(index)}`, privateKey }));
    const made = await sign(content, many);
    expect(made.map((field) => value(field, 's'))).toEqual(many.map(({ selector }) => selector));
    expect(new Set(await verify(Buffer.concat([Buffer.from(made.join('')), content]), many, NOW))).toEqual(
      new Set(['pass']),
    );
  });
});

describe('the fields of a header block', () => {
  it('lie end to end, with their continuation lines', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('A: b', ' c', '\td', 'E :', 'no field', ':', 'F\r\n : g', ''), { maxLength: 12 }),
        (lines) => {
          const block = Buffer.from(
            lines
              .filter((line) => line !== '')
              .map((line) => `${line}\r\n`)
              .join(''),
          );
          const fields = splitFields(block);
          expect(Buffer.concat(fields.map(({ octets }) => octets)).equals(block)).toBe(true);
          expect(fields.slice(1).every(({ octets }) => /^[^ \t]/.test(octets.toString()))).toBe(true);
        },
      ),
    );
  });

  it('have their names without case, white space and folds', () => {
    const block = Buffer.from('From: a\r\nTO : b\r\nSub\r\n : c\r\nno field: d\r\n: e\r\nX:\r\n');
    expect(splitFields(block).map(({ key }) => key)).toEqual(['from', 'to', 'sub', '', '', 'x']);
  });
});
