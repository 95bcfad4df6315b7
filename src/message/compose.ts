/**
 * New messages from fields. One rule: what is given is either said by the message, as given, or refused; and all that the message
 * says is decided here, once.
 */
import { AmbiguousSenderError, MessageError, MissingSenderError } from '../errors.js';
import type { Warning } from '../types.js';
import { readAddressInput } from './address-input.js';
import { attachmentPart, contentId, textPart } from './attachment-part.js';
import { makeBoundaryBase } from './boundary.js';
import { checkedBlock } from './checked-block.js';
import { formatDate } from './date.js';
import type { MessageEnvironment } from './environment.js';
import type { HeaderSpan } from './header-block.js';
import { layOut, textOf, writeField, type FieldText } from './header-field.js';
import { HeaderList } from './headers.js';
import { mailboxKey } from './mailbox.js';
import { checkAttachment, checkMessageFields, type Attachment, type MessageFields } from './message-fields.js';
import { checkMessageId, makeMessageId } from './message-id.js';
import type { MessageParts, SevenBitForm } from './message-parts.js';
import {
  hasSevenBitForm,
  literalContents,
  renderMessage,
  sevenBitForm,
  type MimePart,
  type Multipart,
} from './mime-part.js';
import { fieldsOfParsedMail, isParsedMail, type ParsedMail } from './parsed-mail.js';
import { removedName } from './removed-fields.js';
import { writeTextField } from './text-field.js';

const EMPTY_LINE = '\r\n';

/** @throws what `Message.compose` names. */
export function composeParts(given: MessageFields | ParsedMail, environment: MessageEnvironment): MessageParts {
  const fields: unknown = isParsedMail(given) ? fieldsOfParsedMail(given) : given;
  checkMessageFields(fields);
  const root = rootPart(fields);
  const boundaryBase = makeBoundaryBase(environment, literalContents(root));
  const { headers, body } = renderMessage(root, boundaryBase);
  const block = messageFields(fields, environment);
  block.push(...customFields(fields), MIME_VERSION, ...headers);
  const sent = block.filter((field) => removedName(field) === undefined);
  const checked = checkedBlock(sent);
  const spans = layOut(block, EMPTY_LINE, sent.length === block.length ? checked : textOf(block));
  return {
    headers: new HeaderList(spans),
    hasLoneCr: false,
    emptyLine: emptyLineOf(spans),
    body,
    warnings: warningsOf(fields),
    sevenBit: sevenBitOf(root, spans, boundaryBase),
  };
}

const MIME_VERSION = writeField('MIME-Version', '1.0');

/** Behind the last field, in the same octets: a block that nobody edits leaves in one piece. */
function emptyLineOf(spans: readonly HeaderSpan[]): Buffer {
  const last = spans.at(-1);
  return last === undefined ? Buffer.from(EMPTY_LINE) : last.octets.subarray(last.end);
}

/** Made when it is asked for: few servers need it. The tree is kept for it only where it differs. */
function sevenBitOf(root: MimePart, spans: readonly HeaderSpan[], boundaryBase: string): SevenBitForm | undefined {
  if (!hasSevenBitForm(root)) return undefined;
  const encodingField = spans.find(isEncodingField);
  if (encodingField === undefined) return undefined;
  return {
    encodingField,
    render: () => {
      const form = renderMessage(sevenBitForm(root), boundaryBase);
      return { encodingFields: layOut(form.headers.filter(isEncodingField)), body: form.body };
    },
  };
}

function isEncodingField({ key }: { readonly key: string }): boolean {
  return key === 'content-transfer-encoding';
}

/** The fields that a message has a place for, in the order of RFC 5322 section 3.6. */
function messageFields(fields: MessageFields, environment: MessageEnvironment): FieldText[] {
  const from = readAddressInput(fields.from, 'From');
  const sender = readAddressInput(fields.sender, 'Sender');
  const { 0: author, length: authors } = from.mailboxes;
  const { 0: agent, length: agents } = sender.mailboxes;
  if (author === undefined) {
    throw new MissingSenderError('a message needs an address to come from', {
      header: 'From',
      hint: "Give { from: 'you@example.com', ... }.",
    });
  }
  if (agents > 1) {
    throw new AmbiguousSenderError('a message has one sender, and several were given', {
      header: 'Sender',
      hint: 'Give one address as sender; from may have several.',
    });
  }
  if (agent === undefined && authors > 1) {
    throw new MissingSenderError('a message from several addresses needs a sender', {
      header: 'Sender',
      hint: 'Give as sender the one address that sends (RFC 5322 section 3.6.2).',
    });
  }
  // A sender that says the same as from should not be written (RFC 5322 section 3.6.2).
  const isRedundant = agent !== undefined && authors === 1 && mailboxKey(agent) === mailboxKey(author);
  const { subject, messageId } = fields;
  const made: FieldText[] = [];
  const add = (header: string, value: string): void => {
    if (value !== '') made.push(writeField(header, value));
  };
  add('Date', formatDate(fields.date ?? environment.now()));
  add('From', from.value);
  add('Sender', isRedundant ? '' : sender.value);
  add('Reply-To', readAddressInput(fields.replyTo, 'Reply-To').value);
  add('To', readAddressInput(fields.to, 'To').value);
  add('Cc', readAddressInput(fields.cc, 'Cc').value);
  // In the list, so that the envelope has it; removed from everything that is sent.
  add('Bcc', readAddressInput(fields.bcc, 'Bcc').value);
  add('Message-ID', messageId === undefined ? makeMessageId(environment) : checkMessageId(messageId));
  add('In-Reply-To', identifiers(fields.inReplyTo, 'inReplyTo'));
  add('References', identifiers(fields.references, 'references'));
  if (subject !== undefined) made.push(writeTextField('Subject', subject));
  return made;
}

function identifiers(given: unknown, field: string): string {
  if (given === undefined) return '';
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list
    .flatMap((item) => {
      if (typeof item === 'string') return item.split(/[ \t]+/).filter((word) => word !== '');
      throw new MessageError(`${field} is neither a message identifier nor a list of them`, {
        code: 'ERR_INVALID_MESSAGE_FIELD',
        hint: 'Give it as <left@right> (RFC 5322 section 3.6.4).',
      });
    })
    .map(checkMessageId)
    .join(' ');
}

/** Fields that only their own places can set, by key, with those places. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['date', 'date'],
  ['from', 'from'],
  ['sender', 'sender'],
  ['reply-to', 'replyTo'],
  ['to', 'to'],
  ['cc', 'cc'],
  ['bcc', 'bcc'],
  ['subject', 'subject'],
  ['message-id', 'messageId'],
  ['in-reply-to', 'inReplyTo'],
  ['references', 'references'],
]);

function customFields({ headers }: MessageFields): readonly FieldText[] {
  if (headers === undefined) return [];
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) => {
    refuseReserved(name);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((text) => {
      if (typeof text === 'string') return writeTextField(name, text);
      throw new MessageError(`the value of ${JSON.stringify(name)} in headers is no string`, {
        code: 'ERR_INVALID_HEADER_VALUE',
        header: name,
        hint: 'Give a string, or a list of strings for a field that stands several times.',
      });
    });
  });
}

/** What would change whom the message is from, where it goes, or how its body is read, cannot come in by the back door. */
function refuseReserved(name: string): void {
  const key = name.toLowerCase();
  const place = PLACES.get(key);
  const isStructural = key === 'mime-version' || key.startsWith('content-');
  const isTrace = key === 'return-path' || key.startsWith('resent-');
  if (place === undefined && !isStructural && !isTrace) return;
  const otherwise = isStructural
    ? 'It is made here: give text, html, alternatives and attachments.'
    : 'It is no field of a new message: see message.resend().';
  throw new MessageError(`${name} cannot be set by headers`, {
    code: 'ERR_RESERVED_HEADER',
    header: name,
    hint: place === undefined ? otherwise : `Give it as ${place}.`,
  });
}

/** Forms of the text that readers without them are to pass over on their way to the HTML: the last one they know is shown. */
const BEFORE_HTML = ['text/x-amp-html', 'text/watch-html'];

/** Attachments around alternatives around what belongs to the HTML text: mixed, alternative, related. */
function rootPart({ text, html, alternatives = [], attachments = [], textEncoding }: MessageFields): MimePart {
  const isRelated = (attachment: Attachment): boolean =>
    html !== undefined && isInline(attachment) && attachment.cid !== undefined;
  const related: MimePart[] = [];
  const mixed: MimePart[] = [];
  for (const [index, attachment] of attachments.entries()) {
    const where = `attachments[${String(index)}]`;
    checkAttachment(attachment, where);
    const role = isRelated(attachment) ? 'related' : 'attachment';
    (role === 'related' ? related : mixed).push(attachmentPart(attachment, role, where));
  }
  const beforeHtml: MimePart[] = [];
  const behindHtml: MimePart[] = [];
  for (const [index, form] of alternatives.entries()) {
    const part = attachmentPart(form, 'alternative', `alternatives[${String(index)}]`, textEncoding);
    (isBeforeHtml(form) ? beforeHtml : behindHtml).push(part);
  }
  const alternative: MimePart[] = [];
  if (text !== undefined) alternative.push(textPart(text, 'plain', 'text', textEncoding));
  alternative.push(...beforeHtml);
  if (html !== undefined) alternative.push(htmlPart(textPart(html, 'html', 'html', textEncoding), related));
  alternative.push(...behindHtml);
  const [only] = alternative;
  const body = alternative.length > 1 ? multipart('alternative', alternative) : only;
  if (mixed.length > 0) return multipart('mixed', body === undefined ? mixed : [body, ...mixed]);
  return body ?? textPart('', 'plain', 'text');
}

function isBeforeHtml({ contentType = '' }: Attachment): boolean {
  const type = contentType.trim().toLowerCase();
  return BEFORE_HTML.some((early) => type.startsWith(early));
}

function isInline({ disposition }: Attachment): boolean {
  return disposition === undefined || disposition === 'inline';
}

function htmlPart(part: MimePart, related: readonly MimePart[]): MimePart {
  // RFC 2387 section 3.1: the type of the part that the others belong to.
  return related.length === 0
    ? part
    : { ...multipart('related', [part, ...related]), parameters: [['type', 'text/html']] };
}

function multipart(subtype: Multipart['subtype'], parts: readonly MimePart[]): Multipart {
  return { kind: 'multipart', subtype, parameters: [], parts };
}

function warningsOf({ subject, text, html, alternatives, attachments = [] }: MessageFields): Warning[] {
  const warnings: Warning[] = [];
  if (subject === undefined || subject.trim() === '') {
    warnings.push({ code: 'WARN_NO_SUBJECT', header: 'Subject', message: 'the message has no subject' });
  }
  if (html !== undefined && text === undefined) {
    warnings.push({
      code: 'WARN_HTML_WITHOUT_TEXT',
      message: 'the message has HTML and no plain text: some readers show nothing, and filters count it against it',
    });
  }
  if (text === undefined && html === undefined && (alternatives ?? []).length + attachments.length === 0) {
    warnings.push({ code: 'WARN_NO_CONTENT', message: 'the message has no text and no attachments' });
  }
  const missing = missingContentIds(html ?? '', attachments);
  if (missing.length > 0) {
    warnings.push({
      code: 'WARN_MISSING_INLINE_IMAGE',
      message: `the HTML names cid:${missing.slice(0, 3).join(', cid:')}, which no attachment has`,
    });
  }
  return warnings;
}

function missingContentIds(html: string, attachments: readonly Attachment[]): string[] {
  // Most HTML names none.
  if (!/cid:/i.test(html)) return [];
  const given = new Set(attachments.flatMap(({ cid }) => (cid === undefined ? [] : [contentId(cid, '')])));
  return [...namedContentIds(html)].filter((cid) => !given.has(`<${cid}>`));
}

/** What the HTML names by `cid:` URLs in attributes and style sheets. */
function namedContentIds(html: string): Set<string> {
  const found = new Set<string>();
  for (const [, cid = ''] of html.matchAll(/["'(=]cid:([^\s"'()<>]{1,200})/gi)) {
    try {
      found.add(decodeURIComponent(cid));
    } catch {
      // A stray percent sign: the name as it stands.
      found.add(cid);
    }
  }
  return found;
}
