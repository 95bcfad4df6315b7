// A plain client, for what a test does to Redis behind the outbox's back.
import { Redis } from 'ioredis';
import { LOOPBACK } from '../free-port.js';

export class RedisClient implements AsyncDisposable {
  readonly #client: Redis;

  private constructor(client: Redis) {
    this.#client = client;
  }

  static async connect(port: number): Promise<RedisClient> {
    const client = new Redis({ host: LOOPBACK, port, lazyConnect: true });
    await client.connect();
    return new RedisClient(client);
  }

  async command(name: string, ...words: readonly (string | number)[]): Promise<unknown> {
    return await this.#client.call(name, ...words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.quit();
  }
}
