// Ports that nobody listens on at the moment of asking.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Address } from './servers/server.js';
import { waitFor } from './wait-for.js';

export const LOOPBACK = '127.0.0.1';

/** `count` different free ports on the loopback address. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Resolves when a connection to the address is answered by a greeting. */
export async function waitUntilGreeting(address: Address, log: () => Promise<string>): Promise<void> {
  await waitFor(`a greeting from ${JSON.stringify(address)}`, () => greets(address), log);
}

/** Resolves when the address accepts a connection: enough where TLS comes first. */
export async function waitUntilListening(address: Address, log: () => Promise<string>): Promise<void> {
  await waitFor(`${JSON.stringify(address)} to listen`, () => accepts(address), log);
}

/** Resolves when nobody listens there any more: a process that is about to end may hold a socket a little longer than its server. */
export async function waitUntilSilent(address: Address, log: () => Promise<string>): Promise<void> {
  await waitFor(`nobody to listen at ${JSON.stringify(address)}`, async () => !(await accepts(address)), log);
}

function greets(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('data', () => {
      socket.end('QUIT\r\n');
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
    socket.once('close', () => {
      resolve(false);
    });
  });
}

function accepts(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
