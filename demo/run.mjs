/**
 * `npm run demo`: five messages through the built package to a server in this process. What arrives is compared, octet by octet,
 * with what must arrive; any difference ends the demo with 1.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isPosthasteError, messageFromFile, SMTP } from 'posthaste';

import { expectedOctets, MESSAGES } from './messages.mjs';
import { bad, bold, columns, good, row } from './print.mjs';
import { startServer } from './server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pathOf = (file) => `fixtures/demo/${file}`;

/** Sends one message, shows what became of it, and returns what is not as it must be. */
async function show(smtp, server, expected) {
  const path = pathOf(expected.file);
  const file = readFileSync(path);
  row('file', `${path}, ${file.length} octets`);
  const before = server.received.length;
  try {
    const message = await messageFromFile(path);
    const { sources, removed } = message.explainEnvelope();
    for (const role of ['from', 'to']) {
      const addresses = sources.filter((source) => source.role === role && source.duplicateOf === undefined);
      row(role, ...columns(addresses.map(({ address, header }) => [address, `(${header})`])));
    }
    const result = await smtp.sendMessage(message);
    row('removed', removed.map(({ header }) => header).join(', ') || 'nothing');
    if (/[^\r]\n/.test(file.toString('latin1'))) row('changed', 'line ends: LF to CRLF');
    for (const [address, reply] of result.refused) row('refused', bad(`${address}: ${reply.code} ${reply.text}`));
    return [
      ...checked(server.received.slice(before), file, expected),
      ...(String([...result.refused.keys()]) === String(expected.refusedRecipients ?? [])
        ? []
        : ['the result names other refused recipients']),
    ];
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    row('refused', bad(error.message), ...(error.hint === undefined ? [] : [error.hint]));
    const faults = [];
    if (error.code !== expected.errorCode) faults.push(`${error.code} was not expected`);
    if (server.received.length !== before) faults.push('the server got something');
    if (faults.length === 0) row('checked', good('it was refused in time: the server got nothing'));
    return faults;
  }
}

function checked(arrived, file, expected) {
  if (arrived.length !== 1) return [`the server got ${arrived.length} messages`];
  const [{ from, to, octets }] = arrived;
  row('arrived', `${octets.length} octets, for ${to.length === 1 ? to[0] : `${to.length} recipients`}`);
  row('sha-256', createHash('sha256').update(octets).digest('hex'));
  const faults = [];
  if (expected.errorCode !== undefined) return [`it was sent, and ${expected.errorCode} was expected`];
  const accepted = expected.to.filter((address) => !expected.refusedRecipients?.includes(address));
  if (from !== expected.from) faults.push(`the server got the sender ${from}, not ${expected.from}`);
  if (String(to) !== String(accepted)) faults.push(`the server got the recipients ${to}, not ${accepted}`);
  if (!octets.equals(expectedOctets(file, expected.removed))) faults.push('the server got other octets');
  if (faults.length === 0) row('checked', good('sender, recipients and every octet are as they must be'));
  return faults;
}

/** The same without a line of code: what the command says about a message, offline. */
function showCommand() {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  const words = ['send', '--dry-run', pathOf('resent-once.eml')];
  console.log(bold(`$ posthaste ${words.join(' ')}`));
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin.posthaste, ...words], { encoding: 'utf8' });
  console.log((stdout + stderr).trimEnd());
  return status === 0 ? [] : [`posthaste send ended with ${status}`];
}

process.chdir(root);
const server = await startServer();
const faults = [];
const report = (found) => {
  for (const fault of found) row('WRONG', bad(fault));
  faults.push(...found);
  console.log();
};

console.log(`
${bold('posthaste')} reads from a message who it is from and who gets it, and sends it without changing what it need not.
Here are ${MESSAGES.length} messages, and an SMTP server in this process (${server.url}) that checks what it gets.
`);
const smtp = await SMTP.connect(server.url);
try {
  for (const [index, expected] of MESSAGES.entries()) {
    console.log(bold(`${index + 1}. ${expected.title}`));
    report(await show(smtp, server, expected));
  }
  report(showCommand());
  await smtp.quit();
} finally {
  smtp.close();
  await server.close();
}
const sum = `${server.received.length} messages arrived octet for octet, ${MESSAGES.length - server.received.length} was refused before it left.`;
console.log(faults.length === 0 ? good(`All is well: ${sum}`) : bad(`${faults.length} of the checks failed.`));
process.exitCode = faults.length === 0 ? 0 : 1;
