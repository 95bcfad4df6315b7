import {
  SMTP,
  SMTPAuthenticationError,
  SMTPException,
  SMTPServerDisconnected,
  SMTPTimeoutError,
} from '../../src/index.js';
import { ScriptedServer, type Answer, type SaslMechanism } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

async function start(mechanism: SaslMechanism, on: Readonly<Record<string, Answer>> = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { extensions: ['AUTH XTEST'], mechanisms: { XTEST: mechanism }, on } });
}

function asks(times: number): SaslMechanism {
  return function* () {
    for (let count = 0; count < times; count += 1) yield Buffer.from(`question ${String(count + 1)}`);
    return true;
  };
}

const verbs = (server: ScriptedServer): string[] => server.connections[0]?.commands.map(({ line }) => line) ?? [];

describe('an AUTH exchange', () => {
  it('answers five challenges and stops a sixth with *', async () => {
    await using five = await start(asks(5));
    await using smtp = await SMTP.connect(five.url);
    expect((await smtp.auth('XTEST', () => 'x')).code).toBe(235);
    await using six = await start(asks(6));
    await using second = await SMTP.connect(six.url);
    const error = await rejectionOf(second.auth('XTEST', () => 'x'));
    expect(error).toBeInstanceOf(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_AUTH_LOOP', stage: 'auth' });
    expect(verbs(six).at(-1)).toBe('*');
    expect((await second.noop()).code).toBe(250);
    expect(second.authenticated).toBe(false);
  });

  it('cancels what is no base64', async () => {
    await using server = await start(asks(1), { AUTH: '334 this is not base64!' });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.auth('XTEST', () => 'x'))).toMatchObject({ code: 'ERR_SASL_SERVER' });
    expect(verbs(server).at(-1)).toBe('*');
  });

  it('takes an empty challenge, and one of several lines', async () => {
    const heard: string[] = [];
    await using server = await start(asks(1), { AUTH: '334 ' });
    await using smtp = await SMTP.connect(server.url);
    await smtp.auth('XTEST', (challenge) => {
      if (challenge !== undefined) heard.push(Buffer.from(challenge).toString());
      return 'x';
    });
    expect(heard[0]).toBe('');
  });

  it.each([
    ['AUTH', '250 ok'],
    ['AUTH', '355 go on'],
    ['response', '250 ok'],
    ['response', '354 go on'],
  ])('whose %s is answered with %s, neither yes nor no, closes the connection', async (step, answer) => {
    await using server = await start(asks(1), { [step]: answer });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.auth('XTEST', () => 'x'));
    expect(error).toBeInstanceOf(SMTPAuthenticationError);
    expect(error).toMatchObject({ delivery: 'not-sent', retryable: false });
    expect((error as SMTPAuthenticationError).hint).toContain('Only 235');
    expect(smtp.connected).toBe(false);
    expect(smtp.authenticated).toBe(false);
  });

  it('that a server does not let be cancelled closes the connection: its next line would be taken for an answer', async () => {
    for (const answer of ['334 Z28gb24=', '235 2.7.0 welcome', '250 ok']) {
      await using server = await start(asks(9), { response: answer });
      await using smtp = await SMTP.connect(server.url);
      const own = new Error('cancelled here');
      const error = await rejectionOf(
        smtp.auth('XTEST', (challenge) => {
          if (challenge === undefined) return undefined;
          throw own;
        }),
      );
      expect(error).toBe(own);
      expect(smtp.connected).toBe(false);
      expect(smtp.authenticated).toBe(false);
    }
  });

  it('that fails on both sides tells what failed first', async () => {
    await using server = await start(asks(9), { response: '(close)' });
    await using smtp = await SMTP.connect(server.url);
    const own = new Error('cancelled here');
    const error = await rejectionOf(
      smtp.auth('XTEST', (challenge) => {
        if (challenge === undefined) return undefined;
        throw own;
      }),
    );
    expect(error).toBe(own);
    expect(smtp.connected).toBe(false);
  });

  it('whose answer never comes from the caller ends at the time-out of the stage', async () => {
    await using server = await start(asks(1));
    await using smtp = await SMTP.connect({ host: server.host, port: server.port, timeoutMs: { auth: 40 } });
    const error = await rejectionOf(
      smtp.auth('XTEST', (challenge) => (challenge === undefined ? undefined : new Promise<string>(() => undefined))),
    );
    expect(error).toBeInstanceOf(SMTPTimeoutError);
    expect(error).toMatchObject({ stage: 'auth' });
  });

  it.each([
    ['a refusal at the first challenge', '535 5.7.8 no', SMTPAuthenticationError],
    ['a close', '(close)', SMTPServerDisconnected],
    ['a reset', '(reset)', SMTPServerDisconnected],
    ['garbage', 'what?', SMTPServerDisconnected],
    ['two codes in one reply', '334-a\n535 b', SMTPServerDisconnected],
    ['a surplus reply', ['(cork)', '235 2.7.0 ok', '(surplus 250 more)', '(uncork)'], SMTPServerDisconnected],
  ] as const)('ends with %s', async (_name, answer, expected) => {
    await using server = await start(asks(2), { 'response:1': answer });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.auth('XTEST', () => 'x'));
    expect(error).toBeInstanceOf(expected);
    expect(smtp.authenticated).toBe(false);
    expect(smtp.connected).toBe(expected === SMTPAuthenticationError);
  });

  it('ends when the server is silent', async () => {
    await using server = await start(asks(2), { 'response:1': '(hold)' });
    await using smtp = await SMTP.connect({ host: server.host, port: server.port, timeoutMs: { auth: 40 } });
    expect(await rejectionOf(smtp.auth('XTEST', () => 'x'))).toBeInstanceOf(SMTPTimeoutError);
    expect(smtp.connected).toBe(false);
  });
});
