/**
 * The long way to a server on this machine: everything that passes, an end too, arrives half the round trip later, in its order, and
 * one write for each piece that was read. A timer of Node is late by up to a millisecond, so the last of them is waited for awake.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const AWAKE_MS = 1.5;

/** Does what it is given a fixed time after it was given it. */
class Delay {
  #waiting = [];
  #awaited = false;

  constructor(delayMs) {
    this.delayMs = delayMs;
  }

  push(action) {
    this.#waiting.push({ dueMs: performance.now() + this.delayMs, action });
    if (!this.#awaited) this.#wait();
  }

  #wait() {
    this.#awaited = true;
    const leftMs = this.#waiting[0].dueMs - performance.now();
    if (leftMs > AWAKE_MS) setTimeout(() => this.#wait(), leftMs - AWAKE_MS);
    else setImmediate(() => this.#work());
  }

  #work() {
    while (this.#waiting.length > 0 && this.#waiting[0].dueMs <= performance.now()) this.#waiting.shift().action();
    if (this.#waiting.length > 0) this.#wait();
    else this.#awaited = false;
  }
}

function passOn(source, sink, delayMs) {
  const delay = new Delay(delayMs);
  source.on('data', (piece) => delay.push(() => sink.write(piece)));
  source.on('end', () => delay.push(() => sink.end()));
  source.on('error', () => sink.destroy());
}

/** `target`: `{ host, port }`. A new connection is made at once: the time of the handshake is not what is looked at. */
export async function startDelayProxy(target, roundTripMs) {
  const sockets = new Set();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    passOn(client, upstream, roundTripMs / 2);
    passOn(upstream, client, roundTripMs / 2);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    host: HOST,
    port: server.address().port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
