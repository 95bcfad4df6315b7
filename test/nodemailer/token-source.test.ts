/** Logins, and where access tokens come from. */
import { createServer, type Server } from 'node:http';
import { credentialsOf, mergedAuth } from '../../src/nodemailer/credentials.js';
import type { NewToken } from '../../src/nodemailer/token-source.js';
import { createTransport, type MailAuth } from '../../src/nodemailer/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const tokens: NewToken[] = [];
const world = { provision: () => undefined, onToken: (token: NewToken) => void tokens.push(token) };

let server: Server;
let accessUrl: string;
const asked: string[] = [];
let answer = '{"access_token":"fresh","expires_in":3600}';

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push(`${request.method ?? ''} ${body} ${String(request.headers['x-tenant'])}`);
      response.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  accessUrl = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/token`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

function asking(
  auth: MailAuth,
  provision?: Parameters<typeof credentialsOf>[2]['provision'],
): (refresh: boolean) => Promise<string> {
  const credentials = credentialsOf({ type: 'OAuth2', user: 'ann', ...auth }, undefined, {
    ...world,
    provision: provision ?? world.provision,
  });
  if (credentials === undefined || !('accessToken' in credentials)) throw new Error('no token');
  const { accessToken } = credentials;
  return async (refresh) => (typeof accessToken === 'function' ? await accessToken({ refresh }) : accessToken);
}

describe('a login', () => {
  it.each<[MailAuth | undefined, object | undefined]>([
    [undefined, undefined],
    [{}, undefined],
    [{ user: undefined, pass: undefined }, undefined],
    [
      { user: 'ann', pass: 'secret' },
      { user: 'ann', password: 'secret' },
    ],
    [
      { type: 'LOGIN', user: 'ann', pass: 7 as never },
      { user: 'ann', password: '7' },
    ],
    [{ credentials: { user: 'ann', pass: 'secret' } }, { user: 'ann', password: 'secret' }],
    [
      { user: 'ann', pass: 'secret', method: 'cram-md5' },
      { user: 'ann', password: 'secret', mechanisms: ['CRAM-MD5'] },
    ],
  ])('of %p is %p', (auth, credentials) => {
    expect(credentialsOf(auth, undefined, world)).toEqual(credentials);
  });

  it.each<[MailAuth, string]>([
    [{ user: 'ann' }, 'EAUTH'],
    [{ pass: 'x' }, 'EAUTH'],
    [{ type: 'oauth2', accessToken: 'x' }, 'EAUTH'],
    [{ type: 'custom', user: 'ann' }, 'ECONFIG'],
    [{ type: 'oauth2', user: 'ann', serviceClient: 'x', privateKey: 'y' }, 'ECONFIG'],
  ])('of %p is refused', (auth, code) => {
    expect(() => credentialsOf(auth, undefined, world)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('of a message takes nothing from it but who logs in, and with what', () => {
    const given = { user: 'eve', accessToken: 't', accessUrl: 'http://evil.example/' } as MailAuth;
    expect(
      mergedAuth({ type: 'oauth2', user: 'ann', accessUrl: 'http://good.example/', clientSecret: 's' }, given),
    ).toEqual({
      type: 'oauth2',
      user: 'eve',
      accessToken: 't',
      accessUrl: 'http://good.example/',
      clientSecret: 's',
    });
  });
});

describe('an access token', () => {
  it('is the one given, also after it was refused, where there is no other', async () => {
    const ask = asking({ accessToken: 'given' });
    expect([await ask(false), await ask(true)]).toEqual(['given', 'given']);
  });

  it('is fetched once for all who wait, kept until it ends, and told', async () => {
    asked.length = 0;
    const ask = asking({
      refreshToken: 'r',
      clientId: 'c',
      clientSecret: 's',
      accessUrl,
      customParams: { scope: 'mail' },
      customHeaders: { 'X-Tenant': 't' },
    });
    expect(await Promise.all([ask(false), ask(false)])).toEqual(['fresh', 'fresh']);
    expect(await ask(false)).toBe('fresh');
    expect(asked).toEqual(['POST client_id=c&client_secret=s&refresh_token=r&grant_type=refresh_token&scope=mail t']);
    expect(tokens.at(-1)).toMatchObject({ user: 'ann', accessToken: 'fresh' });
    await ask(true);
    expect(asked).toHaveLength(2);
  });

  it('that has ended is fetched anew', async () => {
    asked.length = 0;
    expect(await asking({ accessToken: 'old', expires: 1, refreshToken: 'r', accessUrl })(false)).toBe('fresh');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['{"error":"invalid_grant","error_description":"expired"}', /invalid_grant: expired/],
    ['{}', /no access token/],
    ['[]', /no answer that can be read/],
    ['<html>', /no answer that can be read/],
  ])('is none in %p', async (text, message) => {
    const before = answer;
    answer = text;
    expect(await rejectionOf(asking({ refreshToken: 'r', accessUrl })(false))).toMatchObject({
      code: 'EOAUTH2',
      message: expect.stringMatching(message) as string,
    });
    answer = before;
  });

  it('comes from the function that was set', async () => {
    const calls: unknown[] = [];
    const ask = asking({}, () => (user, renew, done) => {
      calls.push([user, renew]);
      done(null, `token ${String(calls.length)}`);
    });
    expect([await ask(false), await ask(false), await ask(true)]).toEqual(['token 1', 'token 1', 'token 2']);
    expect(calls).toEqual([
      ['ann', false],
      ['ann', true],
    ]);
    const failing = asking({}, () => (_user, _renew, done) => {
      done(new Error('no'));
    });
    expect(await rejectionOf(failing(false))).toMatchObject({ code: 'EOAUTH2', cause: { message: 'no' } });
  });

  it('is nowhere to be had', async () => {
    expect(await rejectionOf(asking({})(false))).toMatchObject({ code: 'EOAUTH2' });
  });

  it('logs in, and a refused one is replaced once', async () => {
    const given: string[] = [];
    await using smtp = await ScriptedServer.start({
      behave: {
        extensions: ['AUTH XOAUTH2'],
        on: {
          AUTH: ({ line }) => {
            given.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString());
            return given.length === 1 ? '535 5.7.8 expired' : '235 2.7.0 ok';
          },
        },
      },
    });
    const transport = createTransport({
      url: smtp.url,
      auth: { type: 'oauth2', user: 'ann', accessToken: 'old', refreshToken: 'r', accessUrl },
    });
    const told: unknown[] = [];
    transport.on('token', (token) => told.push(token));
    await transport.sendMail({ from: 'ann@example.org', to: 'bob@example.org', text: 'x' });
    expect(given.map((text) => /Bearer (\w+)/.exec(text)?.[1])).toEqual(['old', 'fresh']);
    expect(told).toHaveLength(1);
    await transport[Symbol.asyncDispose]();
  });
});
