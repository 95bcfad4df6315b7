/** examples/bullmq, against a Redis and a mail server of its own. */
import { ScriptedServer } from '../../src/testing/index.js';
import { RedisServer } from '../interop/redis/redis-server.js';
import { ExampleProgram } from './example-program.js';

it('what one program puts into the queue, twice by mistake, another one sends once', async () => {
  await using redis = await RedisServer.start();
  await using server = await ScriptedServer.start({ behave: {} });
  const env = { REDIS_URL: redis.url, SMTP_URL: server.url };
  const ids: string[] = [];
  for (const order of ['1843', '1843', '1844']) {
    await using producer = new ExampleProgram('bullmq/enqueue.ts', ['ann@example.org', order], env);
    const { code, stdout, stderr } = await producer.end();
    expect([code, stderr]).toEqual([0, '']);
    const [id = '', state] = stdout.split(' ');
    expect(state).toBe('queued');
    ids.push(id);
  }
  expect(ids[1]).toBe(ids[0]);
  expect(server.connections).toEqual([]);
  await using worker = new ExampleProgram('bullmq/worker.ts', [], env);
  for (const id of ids) await worker.line(new RegExp(`^${id} sent$`));
  expect(await worker.end('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  const subjects = server.messages.map(({ content }) => /^Subject: (.*)\r$/m.exec(content.toString())?.[1]);
  expect(subjects.sort()).toEqual(['Your order 1843', 'Your order 1844']);
  for (const { envelope } of server.messages) expect(envelope.to).toEqual(['ann@example.org']);
});
