/** Debian's redis-server, unpacked by test/interop/redis/install.sh, on a free port, with its data in a folder of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';

import { root } from '../../scripts/run.mjs';
import { freePort } from './sink.mjs';

const HOST = '127.0.0.1';

export async function startRedis(folder, { appendfsync }) {
  const script = join(root, 'test', 'interop', 'redis', 'install.sh');
  const unpacked = execFileSync('sh', [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const lib = join(unpacked, 'usr', 'lib');
  const [triplet] = readdirSync(lib).filter((entry) => entry.endsWith('-linux-gnu'));
  const loader = readdirSync(join(lib, triplet)).find((entry) => /^ld-linux.*\.so\.\d+$/.test(entry));
  const port = await freePort();
  const data = join(folder, `redis-${String(port)}`);
  mkdirSync(data);
  const words = [
    ...['--library-path', join(lib, triplet), join(unpacked, 'usr', 'bin', 'redis-server')],
    ...['--bind', HOST, '--port', String(port), '--dir', data, '--save', '', '--maxmemory-policy', 'noeviction'],
    ...['--appendonly', 'yes', '--appendfsync', appendfsync],
  ];
  const child = spawn(join(lib, triplet, loader), words, { stdio: 'ignore' });
  const url = `redis://${HOST}:${String(port)}`;
  // Connects again until the server answers.
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  await client.ping();
  const numberIn = async (section, name) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await client.info(section))[1]);
  return {
    url,
    version: /^redis_version:(\S+)/m.exec(await client.info('server'))[1],
    usedMemory: () => numberIn('memory', 'used_memory'),
    /** What it has spent so far, the kernel's part included. */
    cpuMicros: async () => {
      const info = await client.info('cpu');
      const seconds = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
      return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
    },
    flush: () => client.flushall(),
    async stop() {
      await client.quit();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
