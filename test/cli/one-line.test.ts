import fc from 'fast-check';
import { oneLine, sentence, withoutPasswords } from '../../src/cli/one-line.js';

describe('oneLine', () => {
  it('gives one line without controls, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex -- finding controls is the purpose
        expect(oneLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      }),
    );
  });

  it('shows controls as escapes, and leaves letters of any language alone', () => {
    expect(oneLine('550 \u001b[2Jgone\r\nquite \u202etxt.exe é 日')).toBe(
      '550 \\u001b[2Jgone quite \\u202etxt.exe é 日',
    );
  });
});

describe('withoutPasswords', () => {
  it.each(['smtp://user:secret@host', 'smtps://u:sec/ret@host:465', 'SMTP://:sec:ret@host', 'x smtp://u:s@cret@h y'])(
    'hides that of %s',
    (text) => {
      expect(withoutPasswords(text)).toMatch(/:\/\/\*\*\*@h/);
      expect(withoutPasswords(text)).not.toMatch(/s.?.?cret|sec.ret/);
    },
  );

  it('leaves URLs without one, and addresses, as they are', () => {
    const text = 'smtp://host:25: <a@example.org> was refused; see https://example.org/x?a@b';
    expect(withoutPasswords(text)).toBe(text);
  });
});

it('sentence ends what happened with one full stop, and puts the hint behind it', () => {
  expect(sentence('it failed', 'Try again.')).toBe('it failed. Try again.');
  expect(sentence('it failed..  ', undefined)).toBe('it failed.');
});
