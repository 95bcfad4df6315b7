import { askToken } from '../../src/client/credentials.js';
import { rejectionOf } from '../support/rejection.js';

describe('askToken', () => {
  it('takes a string as it is, refreshed or not', async () => {
    expect(await askToken('abc', false)).toBe('abc');
    expect(await askToken('abc', true)).toBe('abc');
  });

  it('calls a function each time, and tells it whether the last token was refused', async () => {
    const seen: boolean[] = [];
    const token = async ({ refresh }: { refresh: boolean }): Promise<string> => {
      seen.push(refresh);
      return await Promise.resolve(`token ${String(seen.length)}`);
    };
    expect([await askToken(token, false), await askToken(token, true)]).toEqual(['token 1', 'token 2']);
    expect(seen).toEqual([false, true]);
  });

  it('lets the error of the function through', async () => {
    const own = new Error('no token');
    const failing = (): string => {
      throw own;
    };
    expect(await rejectionOf(askToken(failing, false))).toBe(own);
  });
});
