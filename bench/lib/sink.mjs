/**
 * smtp-sink of Postfix, which takes every message and drops it, pinned to the processor that is measured. It counts what it
 * took; a client whose count differs was not measured but broken.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { root } from '../../scripts/run.mjs';
import { pinned } from './machine.mjs';

const HOST = '127.0.0.1';
const LIMIT_MS = 10_000;
const NOBODY = '65534';

/** Where test/interop/install.sh unpacked the real mail servers; it does so now if that was not done yet. */
function serversRoot() {
  const script = join(root, 'test', 'interop', 'install.sh');
  const [program, ...args] = process.getuid() === 0 ? ['sh', script] : ['sudo', '-n', 'sh', script];
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** A program of the unpacked servers runs under their own loader and libraries, whatever the machine has. */
export function postfixProgram(name) {
  const servers = serversRoot();
  const lib = join(servers, 'usr', 'lib');
  const [triplet] = readdirSync(lib).filter((entry) => entry.endsWith('-linux-gnu'));
  const loader = readdirSync(join(lib, triplet)).find((entry) => /^ld-linux.*\.so\.\d+$/.test(entry));
  const version = readFileSync(join(servers, 'versions'), 'utf8').match(/^postfix (\S+)$/m)[1];
  const paths = [join(lib, 'postfix'), join(lib, triplet)].join(':');
  const command = [join(lib, triplet, loader), '--library-path', paths, join(servers, 'usr', 'sbin', name)];
  return { command, version };
}

export async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function greets(port) {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'data');
    socket.end('QUIT\r\n');
    await once(socket, 'close');
    return true;
  } catch {
    return false;
  }
}

/** Asks again and again until `look` gives something; bounded. */
async function until(what, look) {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited ${String(LIMIT_MS)} ms in vain for ${what}`);
    await delay(5);
  }
}

/** Starts a sink that writes its counters to a file of `folder` (created by the caller, and removed by it). */
export async function startSink(folder) {
  const port = await freePort();
  const { command, version } = postfixProgram('smtp-sink');
  // smtp-sink refuses to be root; and if this process is killed, the kernel ends it too.
  const drop = process.getuid() === 0 ? ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'] : [];
  const [program, ...args] = pinned(['setpriv', ...drop, '--pdeathsig', 'KILL', ...command]);
  const counters = join(folder, 'sink-counters');
  const output = openSync(counters, 'w');
  const child = spawn(program, [...args, '-c', `${HOST}:${String(port)}`, '100'], {
    stdio: ['ignore', output, 'inherit'],
  });
  closeSync(output);
  await until('smtp-sink', () => greets(port));
  const messages = () => {
    // `sess=1 quit=0 mesg=5\r` after each message and each session.
    const text = readFileSync(counters, 'latin1');
    const last = text.lastIndexOf('mesg=');
    return last === -1 ? 0 : Number.parseInt(text.slice(last + 'mesg='.length), 10);
  };
  return {
    host: HOST,
    port,
    version,
    messages,
    /** Throws unless exactly `expected` messages have arrived since the sink started. */
    async expect(expected, whose) {
      await until(`${String(expected)} messages at smtp-sink; ${whose}`, () => messages() >= expected);
      if (messages() !== expected) {
        throw new Error(`${whose}: smtp-sink has ${String(messages())} messages in all, not ${String(expected)}`);
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
