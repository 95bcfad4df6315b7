// Counts round trips without a clock: each piece that passes carries how many turns it took to come about. What the client
// writes is one turn behind the last answer that was passed on to it; what the server writes is of the turn of what it had read.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { LOOPBACK } from './free-port.js';
import type { Address } from './servers/server.js';

export interface CountingProxy {
  readonly address: { readonly host: string; readonly port: number };
  /** Turns so far, of all connections together. */
  roundTrips(): number;
  connections(): number;
  /** Keeps back what the server says, its end too, until the client writes again. */
  hold(): void;
  close(): Promise<void>;
}

export async function startCountingProxy(target: Address): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const turns: { asked: number; answered: number }[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect(target);
    upstream.setNoDelay();
    const turn = { asked: 0, answered: 0 };
    turns.push(turn);
    client.on('data', () => {
      turn.asked = turn.answered + 1;
      upstream.resume();
    });
    upstream.on('data', () => {
      turn.answered = turn.asked;
    });
    client.pipe(upstream).pipe(client);
    upstreams.add(upstream);
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
  }).listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    address: { host: LOOPBACK, port: (server.address() as AddressInfo).port },
    roundTrips: () => turns.reduce((sum, { asked }) => sum + asked, 0),
    connections: () => turns.length,
    hold: () => {
      for (const upstream of upstreams) upstream.pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
