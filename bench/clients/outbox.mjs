/** What an outbox does in a second, by the clock. Prints JSON. Arguments: the build's folder, the store's folder, host, port, messages. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , dist, folder, host, port, countText] = process.argv;
const count = Number(countText);
const { Mailer } = await import(pathToFileURL(join(dist, 'index.js')).href);
const { MemoryStore, Outbox } = await import(pathToFileURL(join(dist, 'outbox', 'index.js')).href);

const CONNECTIONS = 4;
/** Enough in hand that each write to disk is for many. */
const CONCURRENCY = 64;

const letter = (number) => ({
  from: 'a@example.com',
  to: 'b@example.com',
  subject: `Message ${number}`,
  text: 'A line of text, as there are many.\n'.repeat(30),
});
const letters = (many) => Array.from({ length: many }, (_, number) => letter(number));
const newMailer = () => new Mailer({ host, port: Number(port), tls: 'never', maxConnections: CONNECTIONS });

async function perSecond(many, work) {
  const startedMs = performance.now();
  await work();
  return (many / (performance.now() - startedMs)) * 1000;
}

let stores = 0;
const newStore = () => join(folder, `store-${process.pid}-${(stores += 1)}`);

/** As `await using`, which Node 20 does not have. */
async function using(resource, work) {
  try {
    return await work(resource);
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}

async function enqueueing(outbox) {
  await outbox.enqueueAll(letters(100).map((message) => ({ message })));
  const few = Math.ceil(count / 10);
  return {
    one: await perSecond(few, async () => {
      for (const message of letters(few)) await outbox.enqueue(message);
    }),
    atOnce: await perSecond(count, async () => {
      for (let done = 0; done < count; done += 50) {
        await Promise.all(letters(50).map(async (message) => await outbox.enqueue(message)));
      }
    }),
    batched: await perSecond(count, async () => {
      await outbox.enqueueAll(letters(count).map((message) => ({ message })));
    }),
  };
}

async function mailerAlone(mailer) {
  await mailer.send(letter(0));
  return await perSecond(count, async () => {
    for await (const { error } of mailer.sendAll(letters(count))) if (error !== undefined) throw error;
  });
}

async function wholePipe(store, onUnknown) {
  return await using(newMailer(), async (mailer) => {
    await mailer.send(letter(0));
    return await using(await Outbox.open({ mailer, store, onUnknown }), async (outbox) => {
      return await perSecond(count, async () => {
        await outbox.enqueueAll(letters(count).map((message) => ({ message })));
        await outbox.start({ concurrency: CONCURRENCY });
        await outbox.drain();
      });
    });
  });
}

const figures = {
  enqueue: await using(await Outbox.open({ store: newStore() }), enqueueing),
  mailer: await using(newMailer(), mailerAlone),
  hold: await wholePipe(newStore(), 'hold'),
  retry: await wholePipe(newStore(), 'retry'),
  memory: await wholePipe(new MemoryStore(), 'hold'),
};
console.log(JSON.stringify({ ...figures, sent: 4 * (count + 1) }));
