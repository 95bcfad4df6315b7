import { readRedisSettings, redisWarnings } from '../../src/bullmq/redis-settings.js';

const SAFE = { appendonly: 'yes', appendfsync: 'always', maxmemoryPolicy: 'noeviction' };

function codesFor(settings: Parameters<typeof redisWarnings>[0]): readonly string[] {
  return redisWarnings(settings).map(({ code }) => code);
}

describe('the warnings', () => {
  it('are none where nothing can be lost', () => {
    expect(redisWarnings(SAFE)).toEqual([]);
  });

  it.each([
    [{ appendfsync: 'everysec' }, 'WARN_REDIS_APPENDFSYNC', 'about a second'],
    [{ appendfsync: 'no' }, 'WARN_REDIS_APPENDFSYNC', 'half a minute'],
    [{ appendonly: 'no' }, 'WARN_REDIS_APPENDONLY', 'appendonly yes'],
    [{ maxmemoryPolicy: 'allkeys-lru' }, 'WARN_REDIS_EVICTION', 'noeviction'],
  ])('tell of %j', (settings, code, words) => {
    const warnings = redisWarnings({ ...SAFE, ...settings });
    expect(warnings).toEqual([{ code, message: expect.stringContaining(words) as unknown }]);
  });

  it('do not speak of fsync where nothing is written', () => {
    expect(codesFor({ ...SAFE, appendonly: 'no', appendfsync: 'everysec' })).toEqual(['WARN_REDIS_APPENDONLY']);
  });

  it('say that the server does not tell, and what it does tell', () => {
    expect(codesFor({})).toEqual(['WARN_REDIS_SETTINGS_UNKNOWN']);
    expect(codesFor({ maxmemoryPolicy: 'volatile-lru' })).toEqual([
      'WARN_REDIS_SETTINGS_UNKNOWN',
      'WARN_REDIS_EVICTION',
    ]);
  });
});

describe('reading them', () => {
  it('asks with CONFIG GET', async () => {
    const asked: unknown[] = [];
    const client = {
      call: (...words: string[]) => {
        asked.push(words);
        const [, , name = ''] = words;
        return Promise.resolve([name, { appendonly: 'yes', appendfsync: 'always' }[name] ?? 'noeviction']);
      },
    };
    expect(await readRedisSettings(client)).toEqual(SAFE);
    expect(asked).toEqual(['appendonly', 'appendfsync', 'maxmemory-policy'].map((name) => ['CONFIG', 'GET', name]));
  });

  it('is content with a server that forbids it, an empty answer, and another client', async () => {
    const forbidden = {
      call: () => Promise.reject(new Error("NOPERM User default has no permissions to run the 'config|get' command")),
    };
    const unknown = { appendonly: undefined, appendfsync: undefined, maxmemoryPolicy: undefined };
    expect(await readRedisSettings(forbidden)).toEqual(unknown);
    expect(await readRedisSettings({ call: () => Promise.resolve([]) })).toEqual(unknown);
    for (const client of [undefined, null, 7, {}, { call: 'no function' }])
      expect(await readRedisSettings(client)).toEqual({});
  });
});
