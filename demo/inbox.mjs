/**
 * `npm start`: an inbox on its usual ports, with the demo's messages in it and one that shows what the page can. Runs until Ctrl-C.
 * The words behind the command are options of `posthaste inbox`: `npm start -- --web-port 0`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isPosthasteError, messageFromFile, SMTP } from 'posthaste';

import { MESSAGES } from './messages.mjs';
import { order } from './order.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Sends the demo's messages; says which one is refused before it leaves. */
async function sendAll(url) {
  const smtp = await SMTP.connect(url);
  try {
    for (const { file } of MESSAGES) {
      try {
        await smtp.sendMessage(await messageFromFile(`${root}fixtures/demo/${file}`));
      } catch (error) {
        if (!isPosthasteError(error)) throw error;
        console.log(`${file} was not sent: ${error.message}`);
      }
    }
    await smtp.sendMessage(order);
    await smtp.quit();
  } finally {
    smtp.close();
  }
}

const { bin } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const inbox = spawn(process.execPath, [root + bin.posthaste, 'inbox', ...process.argv.slice(2)], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
const ended = once(inbox, 'exit');
// Ctrl-C reaches both; the inbox ends by itself, and this program with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => inbox.kill(signal));
const lines = createInterface({ input: inbox.stdout });
lines.on('line', (line) => console.log(line));
lines.once('line', (line) => {
  sendAll(line.split(/ +/)[1]).then(
    () => console.log('Open the page; Ctrl-C ends the inbox.'),
    (error) => {
      console.error(error);
      inbox.kill();
    },
  );
});
const [code] = await ended;
process.exitCode = code ?? 1;
