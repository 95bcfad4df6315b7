import { makeBoundaryBase } from '../../src/message/boundary.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

const first = `=_${'ab'.repeat(15)}`;

describe('the base of the boundaries', () => {
  it('is the randomness of the environment, behind what no encoding makes', () => {
    expect(makeBoundaryBase(fixedEnvironment, [])).toBe(first);
  });

  it('is another one when it stands in a part', () => {
    let calls = 0;
    const randomBytes = (sizeBytes: number): Uint8Array => {
      calls += 1;
      return new Uint8Array(sizeBytes).fill(calls === 1 ? 0xab : 0xcd);
    };
    const base = makeBoundaryBase({ ...fixedEnvironment, randomBytes }, [Buffer.from(`a\r\n--${first}_1\r\n`)]);
    expect(base).toBe(`=_${'cd'.repeat(15)}`);
  });

  it('is an error when the randomness gives the same eight times', () => {
    let calls = 0;
    const randomBytes = (sizeBytes: number): Uint8Array => {
      calls += 1;
      return fixedEnvironment.randomBytes(sizeBytes);
    };
    expect(() => makeBoundaryBase({ ...fixedEnvironment, randomBytes }, [Buffer.from(first)])).toThrow(
      failure({ code: 'ERR_BOUNDARY' }),
    );
    expect(calls).toBe(8);
  });
});
