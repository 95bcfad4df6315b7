import { failure, json, NOTHING_RUNS, octets, PAGE_POLICY } from '../../src/web/responses.js';

it('JSON and octets run nothing, wherever they are opened', () => {
  for (const answer of [json(200, {}), octets(Buffer.from('x'), 'attachment'), failure(404, 'ERR_X', 'gone')]) {
    expect(answer.headers['content-security-policy']).toBe(NOTHING_RUNS);
  }
});

it('the policy of the page allows its own files, and no inline script, style or frame of others', () => {
  expect(PAGE_POLICY).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
  expect(PAGE_POLICY).not.toMatch(/unsafe|https?:|\*/);
  expect(PAGE_POLICY).toContain("frame-ancestors 'none'");
});

it('a failure has a code, and a hint where there is one', () => {
  expect(JSON.parse(failure(404, 'ERR_X', 'gone').body as string)).toEqual({
    error: { code: 'ERR_X', message: 'gone' },
  });
  expect(JSON.parse(failure(404, 'ERR_X', 'gone', 'look').body as string)).toEqual({
    error: { code: 'ERR_X', message: 'gone', hint: 'look' },
  });
});
