import fc from 'fast-check';
import { MessageError } from '../../src/errors.js';
import { describeTarget, parseTarget } from '../../src/io/target.js';

const refusal = (host: string, port?: number): MessageError => {
  try {
    parseTarget(host, port, 25);
  } catch (error) {
    expect(error).toBeInstanceOf(MessageError);
    return error as MessageError;
  }
  throw new Error(`${JSON.stringify(host)} was accepted`);
};

describe('parseTarget', () => {
  it.each([
    ['mail.example', undefined, { host: 'mail.example', port: 25 }],
    ['mail.example', 0, { host: 'mail.example', port: 25 }],
    ['mail.example', 587, { host: 'mail.example', port: 587 }],
    ['mail.example:587', undefined, { host: 'mail.example', port: 587 }],
    ['mail.example:587', 0, { host: 'mail.example', port: 587 }],
    ['mail.example:0', undefined, { host: 'mail.example', port: 25 }],
    ['mail.example:0', 465, undefined],
    ['mail.example.', undefined, { host: 'mail.example.', port: 25 }],
    ['my_container', undefined, { host: 'my_container', port: 25 }],
    ['192.0.2.1:65535', undefined, { host: '192.0.2.1', port: 65_535 }],
    ['::1', undefined, { host: '::1', port: 25 }],
    ['[::1]', undefined, { host: '::1', port: 25 }],
    ['[::1]:587', undefined, { host: '::1', port: 587 }],
    ['[::1]', 587, { host: '::1', port: 587 }],
    ['fe80::1%eth0', undefined, { host: 'fe80::1%eth0', port: 25 }],
    ['::ffff:192.0.2.1', 25, { host: '::ffff:192.0.2.1', port: 25 }],
    ['bücher.example:587', undefined, { host: 'xn--bcher-kva.example', port: 587 }],
    ['/run/lmtp.sock', undefined, { path: '/run/lmtp.sock' }],
    ['/run/a b:25', 0, { path: '/run/a b:25' }],
  ])('%j with port %j', (host, port, expected) => {
    if (expected === undefined) expect(refusal(host, port).message).toContain('names a port');
    else expect(parseTarget(host, port, 25)).toEqual(expected);
  });

  it.each([
    'h:',
    'h: 25',
    'h:+25',
    'h:-1',
    'h:2e1',
    'h:0x19',
    'h:٢٥',
    'h:65536',
    'h:000025',
    'h:25:3',
    ':25',
    '',
    '[]',
    '[::1',
    '[::1]25',
    '[::1]:',
    '[::1]:x',
    '[192.0.2.1]:25',
    '[mail.example]',
    ':::',
    'smtp://mail.example',
    'a b',
    'a@b',
    '<a>',
    'a..b',
    '.a',
    'a%2e',
    'bücher%41.example',
    '１２７.１',
    'a/b',
    'h\r\nRCPT TO:<x>',
    'h\0',
    '/run/x\0y',
    '/run/x\n',
    'h\u0085',
  ])('refuses %j', (host) => {
    const error = refusal(host);
    expect(error.code).toBe('ERR_INVALID_TARGET');
    expect(error.hint).toBeTruthy();
    // eslint-disable-next-line no-control-regex -- none may reach a log
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it.each([-1, 65_536, 1.5, NaN, Infinity, '25' as unknown as number])('refuses the port argument %p', (port) => {
    expect(refusal('mail.example', port).code).toBe('ERR_INVALID_TARGET');
  });

  it('refuses a port beside a unix socket, and one given twice', () => {
    expect(refusal('/run/x', 24).hint).toContain('Leave the port out');
    expect(refusal('h:587', 587).hint).toBe('Give the port once.');
  });

  it('refuses a host that is no string', () => {
    expect(refusal(undefined as unknown as string).message).toContain('undefined');
    expect(refusal(null as unknown as string).message).toContain('null');
  });

  it('throws MessageError or gives a host without brackets, blanks and controls, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('ab1.:[]/%@ -_\r\n\0ü１')) }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(text, fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }), (host, port) => {
        let target;
        try {
          target = parseTarget(host, port, 25);
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
          return;
        }
        if ('path' in target) {
          expect(target.path).toBe(host);
        } else {
          expect(target.host).toMatch(/^[A-Za-z0-9._:%-]+$/);
          expect(target.port).toBeGreaterThan(0);
          // What it gave is what it gives again.
          expect(parseTarget(describeTarget(target), undefined, 1)).toEqual(target);
        }
      }),
    );
  });
});
