/** An outbox on a disk that gets full: what it says, and what goes on. Prints one line of JSON. */
import { Outbox } from 'posthaste/outbox';

const [, , path] = process.argv;
const accepted = { code: 250, enhancedCode: undefined, lines: ['ok'], text: 'ok' };
let sent = 0;
const mailer = {
  async send(_content, { from, to, beforeContent }) {
    const asked = to.map((address, index) => ({ index, address, status: 'not-sent', stage: 'rcpt' }));
    await beforeContent({ envelope: { from, to }, recipients: asked });
    sent += 1;
    return { recipients: asked.map((one) => ({ ...one, status: 'accepted', stage: 'final', reply: accepted })) };
  },
};
const letter = (text) => ({ from: 'a@example.org', to: 'b@example.org', subject: 'x', text });
const large = 'a line of some length\n'.repeat(5_000);

const unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));

const outbox = await Outbox.open({ mailer, store: path });
let enqueued = 0;
const refusals = [];
for (let attempt = 0; attempt < 200 && refusals.length < 3; attempt += 1) {
  try {
    await outbox.enqueue(letter(large), { key: `large ${attempt}` });
    enqueued += 1;
  } catch ({ code, retryable }) {
    refusals.push({ code, retryable });
  }
}
const { queued } = await outbox.counts();
await outbox.start();
await outbox.drain();
const afterwards = { ...(await outbox.counts()), deliveries: sent };
await outbox.purge();
let again = 0;
for (let attempt = 0; attempt < 3; attempt += 1) {
  await outbox.enqueue(letter(large), { key: `again ${attempt}` });
  again += 1;
}
await outbox.close();
console.log(JSON.stringify({ enqueued, refusals, queued, afterwards, again, unhandled }));
