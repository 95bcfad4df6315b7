/**
 * Delivery status notifications (RFC 3464). One rule: what is said in a form that the standard knows is given, and what is not said
 * is undefined; no fault of one field takes another one away.
 */
import { isUtf8 } from 'node:buffer';
import { readDate } from './read-date.js';
import { decodeUnitext, decodeXtext } from './address-text.js';

/** A value with the name space that it is of: `{ type: 'dns', value: 'mail.example.com' }`. */
export interface TypedValue {
  /** In lower case: `dns`, `smtp`, `x400`. */
  readonly type: string;
  readonly value: string;
}

/** An address of a report: `{ type: 'rfc822', address: 'user@example.com' }`. */
export interface ReportedAddress {
  /** In lower case: `rfc822`, or `utf-8` (RFC 6533). */
  readonly type: string;
  /** Without angle brackets, decoded. What a server wrote: not checked. */
  readonly address: string;
}

export type DeliveryAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

/** What happened to one recipient (RFC 3464 section 2.3). */
export interface RecipientStatus {
  /** Whom the message was for where it was last seen. */
  readonly finalRecipient: ReportedAddress | undefined;
  /** Whom the sender gave it for (ORCPT). */
  readonly originalRecipient: ReportedAddress | undefined;
  readonly action: DeliveryAction | undefined;
  /** The enhanced status code (RFC 3463): `5.1.1`. */
  readonly status: string | undefined;
  /** What the server that refused said: `{ type: 'smtp', value: '550 5.1.1 no such user' }`. */
  readonly diagnosticCode: TypedValue | undefined;
  readonly remoteMta: TypedValue | undefined;
  readonly lastAttemptDate: Date | undefined;
  /** Of a delayed message. */
  readonly willRetryUntil: Date | undefined;
  readonly finalLogId: string | undefined;
  /** All fields, unfolded, by their names in lower case. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** What a server reports about one message (RFC 3464 section 2.1). */
export interface DeliveryStatus {
  readonly reportingMta: TypedValue | undefined;
  readonly receivedFromMta: TypedValue | undefined;
  readonly dsnGateway: TypedValue | undefined;
  /** The ENVID that the message was sent with. */
  readonly originalEnvelopeId: string | undefined;
  readonly arrivalDate: Date | undefined;
  readonly recipients: readonly RecipientStatus[];
  /** All fields about the message, unfolded, by their names in lower case. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

type Fields = Map<string, string[]>;

/** The fields of which one alone shows that a group is about a recipient. */
const OF_A_RECIPIENT = ['final-recipient', 'original-recipient', 'action', 'status'];

/** The fields of which one alone shows that a group is about the message. */
const OF_A_MESSAGE = ['reporting-mta', 'arrival-date', 'original-envelope-id', 'received-from-mta', 'dsn-gateway'];

/**
 * Reads the body of a `message/delivery-status` or `message/global-delivery-status` part, with line ends of any kind. Undefined
 * when it tells of no recipient.
 */
export function parseDeliveryStatus(body: Uint8Array | string): DeliveryStatus | undefined {
  const groups = groupsOf(typeof body === 'string' ? body : textOf(body));
  const ofRecipients = groups.filter((group) => OF_A_RECIPIENT.some((name) => group.has(name)));
  if (ofRecipients.length === 0) return undefined;
  const isOfMessage = (group: Fields): boolean => OF_A_MESSAGE.some((name) => group.has(name));
  const fields =
    groups.find((group) => !ofRecipients.includes(group) && isOfMessage(group)) ?? new Map<string, string[]>();
  // A server may have forgotten the empty line behind the fields about the message.
  const ofMessage = fields.size > 0 ? fields : (ofRecipients.find(isOfMessage) ?? fields);
  return {
    reportingMta: typed(ofMessage, 'reporting-mta', 'dns'),
    receivedFromMta: typed(ofMessage, 'received-from-mta', 'dns'),
    dsnGateway: typed(ofMessage, 'dsn-gateway', 'dns'),
    originalEnvelopeId: text(ofMessage, 'original-envelope-id'),
    arrivalDate: date(ofMessage, 'arrival-date'),
    recipients: ofRecipients.map(recipientOf),
    fields,
  };
}

function recipientOf(fields: Fields): RecipientStatus {
  return {
    finalRecipient: address(fields, 'final-recipient'),
    originalRecipient: address(fields, 'original-recipient'),
    action: actionOf(text(fields, 'action')),
    status: /^[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text(fields, 'status') ?? '')?.[0],
    diagnosticCode: typed(fields, 'diagnostic-code', 'smtp'),
    remoteMta: typed(fields, 'remote-mta', 'dns'),
    lastAttemptDate: date(fields, 'last-attempt-date'),
    willRetryUntil: date(fields, 'will-retry-until'),
    finalLogId: text(fields, 'final-log-id'),
    fields,
  };
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString(isUtf8(octets) ? 'utf8' : 'latin1');
}

const FIELD = /^([!-9;-~]+)[ \t]*:(.*)$/s;

/** Groups of fields between empty lines. Lines that are no fields are passed over. */
function groupsOf(body: string): Fields[] {
  const groups: Fields[] = [];
  let group: Fields = new Map();
  let lines: string[] = [];
  const endField = (): void => {
    const [, name = '', value = ''] = FIELD.exec(lines.map((line) => line.trim()).join(' ')) ?? [];
    lines = [];
    if (name === '') return;
    const key = name.toLowerCase();
    // A server that forgot the empty line between two recipients.
    if (key === 'final-recipient' && group.has(key)) endGroup();
    const values = group.get(key);
    if (values === undefined) group.set(key, [value.trim()]);
    else values.push(value.trim());
  };
  const endGroup = (): void => {
    if (group.size > 0) groups.push(group);
    group = new Map();
  };
  for (const line of body.split(/\r\n|\r|\n/)) {
    if (line.trim() === '') {
      endField();
      endGroup();
    } else if (/^[ \t]/.test(line) && lines.length > 0) lines.push(line);
    else {
      endField();
      lines = [line];
    }
  }
  endField();
  endGroup();
  return groups;
}

/** Of several fields of one name, the first. Empty is as good as none. */
function text(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)?.[0];
  return value === '' ? undefined : value;
}

function date(fields: Fields, name: string): Date | undefined {
  return readDate(text(fields, name) ?? '');
}

/** RFC 3464 section 2.1.2: `type; value`. A server that leaves the type out means the usual one. */
function typed(fields: Fields, name: string, usual: string): TypedValue | undefined {
  const given = text(fields, name);
  if (given === undefined) return undefined;
  const [, type = usual, value = given] = /^([A-Za-z0-9-]{1,40})[ \t]*;(.*)$/s.exec(given) ?? [];
  return value.trim() === '' ? undefined : { type: type.toLowerCase(), value: value.trim() };
}

function address(fields: Fields, name: string): ReportedAddress | undefined {
  const given = typed(fields, name, 'rfc822');
  if (given === undefined) return undefined;
  const { type } = given;
  const bare = given.value.replace(/^<(.*)>$/s, '$1');
  if (type === 'utf-8') return { type, address: decodeUnitext(bare) };
  return { type, address: name === 'original-recipient' ? decodeXtext(bare) : bare };
}

const ACTIONS: readonly DeliveryAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

/** A comment may stand behind it (RFC 3464 section 2.1.1). */
function actionOf(value = ''): DeliveryAction | undefined {
  const word = /^[A-Za-z]+/.exec(value)?.[0].toLowerCase();
  return ACTIONS.find((action) => action === word);
}
