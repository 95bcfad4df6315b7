import { judge } from '../../src/web/guard.js';

const allowed = (headers: Record<string, string>, isPage = false, method = 'GET'): boolean =>
  judge({ method, headers, isPage }, ['inbox.test']).allowed;

it.each([
  '127.0.0.1:8025',
  'localhost:8025',
  'LOCALHOST',
  '[::1]:8025',
  '192.168.1.5:80',
  'a.localhost',
  'inbox.test',
  'INBOX.test:1',
])('the host %s is ours', (host) => {
  expect([allowed({ host }), allowed({ host }, true)]).toEqual([true, true]);
});

it.each([
  'evil.example',
  'localhost.evil.example',
  'inbox.test.evil.example',
  'evil.example:8025',
  '',
  '127.0.0.1.evil.example',
  '[evil]',
  'a@127.0.0.1',
  '127.0.0.1:8025:1',
  '2130706433',
  '0x7f.1',
])('the host %j is refused, for the page too', (host) => {
  expect([allowed({ host }), allowed({ host }, true)]).toEqual([false, false]);
});

it('no host is refused', () => {
  expect(allowed({}, true)).toBe(false);
});

const host = '127.0.0.1:8025';

it.each([
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'none' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  // Another port of this machine is the same site, and somebody else's page.
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ origin: 'http://127.0.0.1:8025' }, true],
  [{ origin: 'http://127.0.0.1:3000' }, false],
  [{ origin: 'https://evil.example' }, false],
  [{ origin: 'null' }, false],
  [{ 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3000' }, false],
])('a request for mail with %j: %s', (headers, verdict) => {
  expect(allowed({ host, ...headers })).toBe(verdict);
});

it('the page itself may be reached by a link of somebody else', () => {
  expect(allowed({ host, 'sec-fetch-site': 'cross-site' }, true)).toBe(true);
});

it('what changes something is posted as JSON, which no form of another page can send', () => {
  const posted = (type?: string): boolean =>
    allowed({ host, ...(type === undefined ? {} : { 'content-type': type }) }, false, 'POST');
  expect(['application/json', 'Application/JSON; charset=utf-8'].map(posted)).toEqual([true, true]);
  const ofForms = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', 'application/jsonx', ''];
  expect([...ofForms, undefined].map(posted).some(Boolean)).toBe(false);
  expect(allowed({ host, 'content-type': 'application/json', origin: 'http://evil.example' }, false, 'POST')).toBe(
    false,
  );
});
