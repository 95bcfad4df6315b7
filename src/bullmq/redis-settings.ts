/** What the settings of a Redis mean for mail that was promised: each that can lose some is told, once, in words and with a stable code. */
import type { Warning } from '../index.js';

/** Undefined: the server does not tell. Managed ones often forbid CONFIG. */
export interface RedisSettings {
  readonly appendonly?: string | undefined;
  readonly appendfsync?: string | undefined;
  readonly maxmemoryPolicy?: string | undefined;
}

const NAMES = ['appendonly', 'appendfsync', 'maxmemory-policy'] as const;

/** A client that takes any command, as one of ioredis does. */
interface Callable {
  call(command: string, ...args: readonly string[]): Promise<unknown>;
}

/** Asks the server. Never rejects: who may not ask gets a warning instead. */
export async function readRedisSettings(client: unknown): Promise<RedisSettings> {
  if (!isCallable(client)) return {};
  const [appendonly, appendfsync, maxmemoryPolicy] = await Promise.all(
    NAMES.map(async (name) => valueIn(await client.call('CONFIG', 'GET', name).catch(() => undefined))),
  );
  return { appendonly, appendfsync, maxmemoryPolicy };
}

export function redisWarnings({ appendonly, appendfsync, maxmemoryPolicy }: RedisSettings): readonly Warning[] {
  const warnings: Warning[] = [];
  if (appendonly === undefined || appendfsync === undefined || maxmemoryPolicy === undefined) {
    warnings.push({
      code: 'WARN_REDIS_SETTINGS_UNKNOWN',
      message:
        'the Redis server does not tell appendonly, appendfsync and maxmemory-policy (CONFIG GET), as is usual where it is managed: ' +
        'see to it that they are yes, always (or everysec, which can lose a second of mail) and noeviction',
    });
  }
  if (appendonly !== undefined && appendonly !== 'yes') {
    warnings.push({
      code: 'WARN_REDIS_APPENDONLY',
      message: `appendonly is ${appendonly} in Redis: all mail that was enqueued since its last snapshot is lost when it ends. Set appendonly yes`,
    });
  } else if (appendfsync !== undefined && appendfsync !== 'always') {
    const lost = appendfsync === 'everysec' ? 'about a second' : 'as much as the system held back, often half a minute';
    warnings.push({
      code: 'WARN_REDIS_APPENDFSYNC',
      message:
        `appendfsync is ${appendfsync} in Redis: a power failure can lose mail that enqueue() said was durable (${lost}), and with it ` +
        'the marks that keep a message from being sent twice. Set appendfsync always',
    });
  }
  if (maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction') {
    warnings.push({
      code: 'WARN_REDIS_EVICTION',
      message: `maxmemory-policy is ${maxmemoryPolicy} in Redis: it deletes queued mail when memory is short. Set maxmemory-policy noeviction`,
    });
  }
  return warnings;
}

/** `[name, value]`, or an object of them in RESP3. */
function valueIn(answer: unknown): string | undefined {
  const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isCallable(client: unknown): client is Callable {
  return typeof client === 'object' && client !== null && 'call' in client && typeof client.call === 'function';
}
