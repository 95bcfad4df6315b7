import { json } from '../../src/web/responses.js';
import { answerBy, unknownParameter, type Route } from '../../src/web/routes.js';
import type { Call } from '../../src/web/server.js';

const ROUTES: readonly Route<string>[] = [
  { path: /^\/a\/(\d+)$/, methods: { GET: (_call, context, [id = '']) => json(200, { context, id }) } },
  { path: /^\/a\/\d+\/retry$/, methods: { POST: () => json(200, {}), DELETE: () => json(200, {}) } },
];

function call(method: string, path: string): Call {
  return { method, path, query: new URLSearchParams(), signal: new AbortController().signal };
}

it('the handler of a path gets its parameters and what the routes are for', () => {
  expect(answerBy(ROUTES, call('GET', '/a/7'), 'here')).toMatchObject({ body: '{"context":"here","id":"7"}' });
  expect(answerBy(ROUTES, call('GET', '/b'), 'here')).toBeUndefined();
});

it.each(['GET', 'OPTIONS', 'constructor', '__proto__'])('a method that a path does not take (%s) is 405', (method) => {
  expect(answerBy(ROUTES, call(method, '/a/7/retry'), '')).toMatchObject({
    status: 405,
    headers: { allow: 'POST, DELETE' },
  });
});

it('a parameter that means nothing is refused by name', () => {
  expect(unknownParameter(new URLSearchParams('state=sent&limit=3'), ['state', 'limit'])).toBeUndefined();
  const answer = unknownParameter(new URLSearchParams('stat=sent'), ['state', 'limit']);
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('There are state, limit.') as unknown });
  expect(unknownParameter(new URLSearchParams('x'), [])?.body).toContain('It takes none.');
});
