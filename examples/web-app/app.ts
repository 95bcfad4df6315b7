/** The routes. A request is answered as soon as the mail is on the disk; no request waits for a mail server. */
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { isPosthasteError } from 'posthaste';
import type { Outbox, OutboxEntry } from 'posthaste/outbox';

interface Order {
  number: string;
  email: string;
  total: string;
}

const orderSchema = {
  type: 'object',
  required: ['number', 'email', 'total'],
  additionalProperties: false,
  properties: {
    number: { type: 'string', pattern: '^[0-9]{1,12}$' },
    email: { type: 'string', maxLength: 254 },
    total: { type: 'string', maxLength: 20 },
  },
};

/** What the caller did wrong is 400 or 409. A full disk is 503, for now. */
const statusOf: Readonly<Record<string, number>> = {
  ERR_OUTBOX_KEY_CONFLICT: 409,
  ERR_OUTBOX_FULL: 503,
  ERR_INVALID_ADDRESS: 400,
};

export function createApp(outbox: Outbox, options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options);

  app.post<{ Body: Order }>('/orders', { schema: { body: orderSchema } }, async (request, reply) => {
    const { number, email, total } = request.body;
    const entry = await outbox.enqueue(
      {
        from: { name: 'The Shop', address: 'shop@example.org' },
        // As an object it is one address: a comma in what a form sends does not make it two.
        to: { address: email },
        subject: `Your order ${number}`,
        text: `Thank you for your order ${number}.\nThe total is ${total}.\n`,
      },
      // A browser that sends the form twice, or a proxy that repeats the request, does not send the mail twice.
      { key: `order-confirmation:${number}` },
    );
    return await reply.code(202).header('location', `/mails/${entry.id}`).send({ mail: entry.id });
  });

  // In a real application this stands behind a login: it tells addresses.
  app.get<{ Params: { id: string } }>('/mails/:id', async (request, reply) => {
    const entry = await outbox.get(request.params.id);
    if (entry === undefined) return await reply.code(404).send({ error: 'There is no such mail.' });
    return stateOf(entry);
  });

  app.setErrorHandler(async (error, request, reply) => {
    const status = isPosthasteError(error) ? statusOf[error.code] : undefined;
    if (status === undefined || !isPosthasteError(error)) throw error;
    request.log.warn(error);
    return await reply.code(status).send({ error: error.message, code: error.code });
  });

  return app;
}

function stateOf({ state, attempts, recipients, nextAttemptAtMs }: OutboxEntry): object {
  return {
    state,
    attempts,
    recipients: recipients.map(({ address, status, reply }) => ({
      address,
      status,
      reply: reply && `${String(reply.code)} ${reply.text}`,
    })),
    nextAttempt: nextAttemptAtMs === undefined ? null : new Date(nextAttemptAtMs).toISOString(),
  };
}
