/**
 * The few writes that decide something, each in one script that Redis runs at a stretch. One rule: a record is replaced only by who has read
 * the one that stands there, and where the lock of the job counts, only by who holds it.
 */
import type { Queue } from './load-bullmq.js';

type Backend = ReturnType<Queue['getBackend']>;
type Client = Awaited<Backend['client']>;

/** The field of the job's hash beside BullMQ's own: goes up by one with each write of `progress`. */
export const VERSION_FIELD = 'posthaste:version';

const WRITE = 'posthasteWriteRecord';
const HEAD = 'posthasteReadHead';
const HELD = 'posthasteIsHeld';
const REMOVE = 'posthasteRemove';
const LAST = 'posthasteLastEvent';
const COUNT = 'posthasteCountStates';

/** A script that was sent a second time, because the connection broke before its answer came, finds its own work. */
const WRITE_LUA = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lock' end
if ARGV[1] == '' and ARGV[6] == '1' and redis.call('EXISTS', KEYS[2]) == 1 then return 'lock' end
local version = redis.call('HGET', KEYS[1], '${VERSION_FIELD}') or '1'
if version == ARGV[3] and redis.call('HGET', KEYS[1], 'progress') == ARGV[4] then return 'written' end
if version ~= ARGV[2] then return 'version' end
redis.call('HSET', KEYS[1], 'progress', ARGV[4], '${VERSION_FIELD}', ARGV[3])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'data', ARGV[7]) end
local kept = redis.call('HGET', KEYS[4], 'opts.maxLenEvents') or '10000'
redis.call('XADD', KEYS[3], 'MAXLEN', '~', kept, '*', 'event', 'progress', 'jobId', ARGV[5], 'data', ARGV[4])
return 'written'
`;

const HELD_LUA = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[1], '${VERSION_FIELD}') or '1') ~= ARGV[2] then return 0 end
return redis.call('EXISTS', KEYS[1])
`;

/** Deletes what is finished, and only as it was read. */
const REMOVE_LUA = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if (redis.call('HGET', KEYS[1], '${VERSION_FIELD}') or '1') ~= ARGV[2] then return 0 end
if redis.call('ZREM', KEYS[3], ARGV[1]) + redis.call('ZREM', KEYS[4], ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[1], KEYS[1] .. ':logs')
redis.call('XADD', KEYS[5], '*', 'event', 'removed', 'jobId', ARGV[1])
return 1
`;

/** The id of the last event: what comes behind it is new. */
const LAST_LUA = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if #last == 0 then return '0-0' end
return last[1][1]
`;

/** How many of the jobs in a range are in which state, by their records. */
const COUNT_LUA = `
local ids
if redis.call('TYPE', KEYS[1]).ok == 'list' then ids = redis.call('LRANGE', KEYS[1], ARGV[2], ARGV[3])
else ids = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3]) end
local counts = {}
for _, id in ipairs(ids) do
  local progress = redis.call('HGET', ARGV[1] .. id, 'progress') or ''
  local state = string.match(progress, '^{"v":1,"version":%d+,"state":"(%a+)"') or 'queued'
  if string.find(progress, '"departed":[', 1, true) then state = state .. '+' end
  counts[state] = (counts[state] or 0) + 1
end
local flat = { tostring(#ids) }
for state, count in pairs(counts) do
  flat[#flat + 1] = state
  flat[#flat + 1] = tostring(count)
end
return flat
`;

const HEAD_LUA = `
local data = redis.call('HGET', KEYS[1], 'data')
if not data then return false end
return string.sub(data, 1, 300)
`;

/** `lock`: the job is in other hands. `version`: somebody wrote in between. `missing`: there is no such job any more. */
export type WriteOutcome = 'written' | 'lock' | 'version' | 'missing';

export interface RecordWrite {
  readonly jobId: string;
  readonly expectedVersion: number;
  readonly version: number;
  /** JSON. */
  readonly progress: string;
  /** JSON, to be put in the place of the job's data. */
  readonly data?: string | undefined;
  /** The token of a lock that has to be held; `free`: nobody may hold one; `any`: the version alone decides. */
  readonly lock: { readonly token: string } | 'free' | 'any';
}

export interface StateCount {
  readonly state: string;
  /** Their content had been let go. */
  readonly hasDeparted: boolean;
  readonly count: number;
}

const COUNT_PAGE = 500;

export class JobScripts {
  readonly #client: Client;
  readonly #toKey: (type: string) => string;

  private constructor(client: Client, toKey: (type: string) => string) {
    this.#client = client;
    this.#toKey = toKey;
    client.defineCommand(WRITE, { numberOfKeys: 4, lua: WRITE_LUA });
    client.defineCommand(HEAD, { numberOfKeys: 1, lua: HEAD_LUA });
    client.defineCommand(HELD, { numberOfKeys: 2, lua: HELD_LUA });
    client.defineCommand(REMOVE, { numberOfKeys: 5, lua: REMOVE_LUA });
    client.defineCommand(COUNT, { numberOfKeys: 1, lua: COUNT_LUA });
    client.defineCommand(LAST, { numberOfKeys: 1, lua: LAST_LUA });
  }

  /** Waits until Redis can be reached. */
  static async of(queue: Pick<Queue, 'getBackend'>): Promise<JobScripts> {
    const backend = queue.getBackend();
    return new JobScripts(await backend.client, (type) => backend.toKey(type));
  }

  /** The client of the queue, which its scripts run on too. */
  get client(): Client {
    return this.#client;
  }

  async write({ jobId, expectedVersion, version, progress, data = '', lock }: RecordWrite): Promise<WriteOutcome> {
    const key = this.#toKey(jobId);
    const token = typeof lock === 'string' ? '' : lock.token;
    const args = [token, String(expectedVersion), String(version), progress, jobId, lock === 'free' ? '1' : '0', data];
    const keys = [key, `${key}:lock`, this.#toKey('events'), this.#toKey('meta')];
    return (await this.#client.runCommand(WRITE, [...keys, ...args])) as WriteOutcome;
  }

  /** The first characters of the job's data, however large it is; undefined when there is no such job. */
  async head(jobId: string): Promise<string | undefined> {
    return ((await this.#client.runCommand(HEAD, [this.#toKey(jobId)])) as string | null) ?? undefined;
  }

  /** What stands in `progress` now; 0 while nothing does. Undefined when there is no such job any more. */
  async progress(jobId: string): Promise<unknown> {
    const [data, progress] = await this.#client.hmget(this.#toKey(jobId), 'timestamp', 'progress');
    if (data === null || data === undefined) return undefined;
    return progress === null || progress === undefined ? 0 : (JSON.parse(progress) as unknown);
  }

  /** The token that the lock of a job is held with. */
  async lockOf(jobId: string): Promise<string | undefined> {
    return (await this.#client.get(`${this.#toKey(jobId)}:lock`)) ?? undefined;
  }

  /** Whether the lock is held with that token and nobody has written since that version. */
  async isHeld({ jobId, token, version }: { jobId: string; token: string; version: number }): Promise<boolean> {
    const key = this.#toKey(jobId);
    return (await this.#client.runCommand(HELD, [key, `${key}:lock`, token, String(version)])) === 1;
  }

  /** Deletes a finished job; false when it is not finished, is in hand, or has another version by now. */
  async remove(jobId: string, version: number): Promise<boolean> {
    const key = this.#toKey(jobId);
    const keys = [key, `${key}:lock`, this.#toKey('completed'), this.#toKey('failed'), this.#toKey('events')];
    return (await this.#client.runCommand(REMOVE, [...keys, jobId, String(version)])) === 1;
  }

  /** Reads through all jobs of a place, some at a time: Redis is never busy with it for long. */
  async *countStates(place: string): AsyncIterable<StateCount> {
    for (let start = 0; ; start += COUNT_PAGE) {
      const args = [this.#toKey(place), this.#toKey(''), String(start), String(start + COUNT_PAGE - 1)];
      const [read = '0', ...flat] = (await this.#client.runCommand(COUNT, args)) as readonly string[];
      for (let at = 0; at < flat.length; at += 2) {
        const [state = '', count] = flat.slice(at, at + 2);
        yield { state: state.replace('+', ''), hasDeparted: state.endsWith('+'), count: Number(count) };
      }
      if (Number(read) < COUNT_PAGE) return;
    }
  }

  async lastEventId(): Promise<string> {
    return (await this.#client.runCommand(LAST, [this.#toKey('events')])) as string;
  }
}
