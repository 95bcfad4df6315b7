import { bindMessageEnvironment, messageEnvironment } from '../../src/message/environment.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

describe('the environment', () => {
  it('must be bound before it is asked', () => {
    expect(() => messageEnvironment()).toThrow(failure({ code: 'ERR_NO_ENVIRONMENT', hint: expect.any(String) }));
    bindMessageEnvironment(fixedEnvironment);
    expect(messageEnvironment()).toBe(fixedEnvironment);
  });
});
