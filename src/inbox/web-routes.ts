/** The REST interface: from a method, a path and a query to an answer. */
import { isUtf8 } from 'node:buffer';
import { isPosthasteError } from '../index.js';
import {
  answerBy,
  failure,
  json,
  octets,
  unknownParameter,
  type Answer,
  type Call,
  type Handler,
  type Route,
} from '../web/index.js';
import type { ListJson } from './api-types.js';
import { attachmentDisposition } from './download-name.js';
import type { InboxMessage } from './inbox-message.js';
import { htmlDocument } from './message-html.js';
import { messageJson, summaryOf } from './message-json.js';
import type { MessageStore } from './message-store.js';
import type { ResolvedInboxOptions } from './options.js';
import { fits, type MessageFilter, type Waiters } from './wait-for.js';

export interface RouteContext {
  readonly store: MessageStore;
  readonly waiters: Waiters;
  readonly options: ResolvedInboxOptions;
  readonly smtpUrl: string;
}

const ROUTES: readonly Route<RouteContext>[] = [
  { path: /^\/api\/messages$/, methods: { GET: list, DELETE: clear } },
  { path: /^\/api\/messages\/(\d{1,15})$/, methods: { GET: withMessage(show), DELETE: remove } },
  { path: /^\/api\/messages\/(\d{1,15})\.eml$/, methods: { GET: withMessage(download) } },
  { path: /^\/api\/messages\/(\d{1,15})\/source$/, methods: { GET: withMessage(source) } },
  { path: /^\/api\/messages\/(\d{1,15})\/html$/, methods: { GET: withMessage(html) } },
  { path: /^\/api\/messages\/(\d{1,15})\/attachments\/(\d{1,6})$/, methods: { GET: withMessage(attachment) } },
  { path: /^\/api\/wait$/, methods: { GET: wait } },
];

/** Undefined for a path that is not of the interface. */
export function route(call: Call, context: RouteContext): Answer | Promise<Answer> | undefined {
  return answerBy(ROUTES, call, context);
}

function list({ query }: Call, { store, options, smtpUrl }: RouteContext): Answer {
  const filter = filterOf(query, []);
  if ('status' in filter) return filter;
  const body: ListJson = {
    smtpUrl,
    limits: { messages: options.maxMessages, octets: options.maxOctets },
    messages: store.messages
      .filter((message) => fits(message, filter))
      .map(summaryOf)
      .reverse(),
  };
  return json(200, body);
}

function clear(_call: Call, { store }: RouteContext): Answer {
  return json(200, { deleted: store.clear() });
}

function remove(_call: Call, { store }: RouteContext, [id = '']: readonly string[]): Answer {
  return store.delete(Number(id)) ? json(200, { deleted: 1 }) : noMessage(id);
}

function withMessage(
  handler: (message: InboxMessage, call: Call, parameters: readonly string[]) => Answer,
): Handler<RouteContext> {
  return (call, { store }, parameters) => {
    const [id = '', ...rest] = parameters;
    const message = store.get(Number(id));
    return message === undefined ? noMessage(id) : handler(message, call, rest);
  };
}

function noMessage(id: string): Answer {
  const hint = 'It was deleted, or newer ones took its place.';
  return failure(404, 'ERR_NO_SUCH_MESSAGE', `there is no message ${id}`, hint);
}

function show(message: InboxMessage): Answer {
  return json(200, messageJson(message));
}

function download({ id, raw, subject }: InboxMessage): Answer {
  const name = subject === '' ? `message-${String(id)}.eml` : `${subject.slice(0, 80)}.eml`;
  return octets(raw, attachmentDisposition(name, `message-${String(id)}.eml`), 'message/rfc822');
}

/** To be read; octets that are no UTF-8 are shown as Latin-1, so that none is lost. */
function source({ raw }: InboxMessage): Answer {
  const charset = isUtf8(raw) ? 'utf-8' : 'iso-8859-1';
  return octets(raw, 'inline', `text/plain; charset=${charset}`);
}

function html({ html: text, attachments }: InboxMessage, { query }: Call): Answer {
  if (text === undefined) return failure(404, 'ERR_NO_HTML', 'the message has no HTML');
  const { body, headers } = htmlDocument(text, attachments, { remoteImages: query.get('images') === 'remote' });
  return { status: 200, headers, body };
}

function attachment({ attachments }: InboxMessage, _call: Call, [index = '']: readonly string[]): Answer {
  const found = attachments[Number(index)];
  if (found === undefined) return failure(404, 'ERR_NO_SUCH_ATTACHMENT', `the message has no attachment ${index}`);
  // Never the type that the message gives: a browser must not be told to open it.
  return octets(found.content, attachmentDisposition(found.filename ?? '', `attachment-${index}`));
}

async function wait({ query, signal }: Call, { waiters }: RouteContext): Promise<Answer> {
  const filter = filterOf(query, ['timeoutMs']);
  if ('status' in filter) return filter;
  const timeout = query.get('timeoutMs');
  try {
    const options = { ...filter, ...(timeout === null ? {} : { timeoutMs: wholeNumber(timeout) }), signal };
    return json(200, messageJson(await waiters.wait(options)));
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    return failure(STATUS_OF_CODE.get(error.code) ?? 400, error.code, error.message, error.hint);
  }
}

const STATUS_OF_CODE = new Map([
  ['ERR_INBOX_WAIT_TIMEOUT', 504],
  ['ERR_INBOX_CLOSED', 503],
  ['ERR_INBOX_TOO_MANY_WAITERS', 503],
]);

const FILTERS = ['to', 'from', 'subject', 'after'];

/** An answer instead, for a parameter that means nothing here: a mistyped one would fit every message. */
function filterOf(query: URLSearchParams, others: readonly string[]): MessageFilter | Answer {
  const unknown = unknownParameter(query, [...FILTERS, ...others]);
  if (unknown !== undefined) return unknown;
  const [to, from, subject, after] = FILTERS.map((name) => query.get(name) ?? undefined);
  if (after !== undefined && Number.isNaN(wholeNumber(after))) {
    return failure(400, 'ERR_INVALID_OPTION', 'after is no id of a message', 'Write after=12.');
  }
  return {
    ...(to === undefined ? {} : { to }),
    ...(from === undefined ? {} : { from }),
    ...(subject === undefined ? {} : { subject }),
    ...(after === undefined ? {} : { after: wholeNumber(after) }),
  };
}

function wholeNumber(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
}
