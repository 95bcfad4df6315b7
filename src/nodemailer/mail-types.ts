/**
 * What a message is given as: the fields of nodemailer's messages, by their own names. Types only. One rule: what compiles there
 * compiles here; what cannot be done is refused when the message is sent, with an error that says what to do.
 */
import type { Readable } from 'node:stream';
import type { Bytes, Credentials } from '../index.js';

/** A mailbox, or a group of them. */
export interface MailAddress {
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly group?: readonly MailAddress[] | undefined;
}

/** Text in the syntax of a header field, a mailbox, a group, or a list of these. */
export type MailAddresses = string | MailAddress | readonly MailAddresses[];

/** Where content comes from. `path` and `href` need the leave of the transport: see `TransportOptions.files` and `urls`. */
export interface ContentSource {
  readonly content?: Bytes | Readable | object | undefined;
  /** A file, a `data:` URL, or an http URL. */
  readonly path?: string | false | undefined;
  /** An http URL, or a `data:` URL. */
  readonly href?: string | false | undefined;
  readonly httpHeaders?: object | undefined;
  /** Refused: an URL is fetched with the certificates that Node trusts. */
  readonly tls?: object | undefined;
  /** How a string stands for octets: `base64`, `hex`, `latin1`, ... Default `utf-8`. */
  readonly encoding?: string | undefined;
  /** Refused: parts are put together here. */
  readonly raw?: unknown;
}

/** A text of the message. */
export type MailText = string | Uint8Array | Readable | ContentSource;

export interface MailAlternative extends ContentSource {
  /** `false`: none, also where the path has one. */
  readonly filename?: string | false | undefined;
  readonly contentType?: string | undefined;
  /** Taken for a wish: the encoding is chosen so that no octet changes on the way. */
  readonly contentTransferEncoding?: string | false | undefined;
  readonly headers?: MailHeaders | undefined;
}

export interface MailAttachment extends MailAlternative {
  readonly contentDisposition?: string | undefined;
  readonly cid?: string | undefined;
}

export interface MailCalendarEvent extends MailAlternative {
  /** Default `PUBLISH`. */
  readonly method?: string | undefined;
}

/** `prepared`: the value is in the form of the wire already. It must be one line all the same. */
export interface PreparedHeader {
  readonly value?: unknown;
  readonly prepared?: boolean | undefined;
  readonly foldLines?: boolean | undefined;
}

export type MailHeaderValue =
  string | number | boolean | Date | MailAddress | PreparedHeader | readonly MailHeaderValue[] | null | undefined;

export interface MailHeader {
  readonly key: string;
  readonly value: MailHeaderValue;
}

export type MailHeaders = MailHeader | readonly MailHeader[] | Readonly<Record<string, MailHeaderValue>>;

export type ListEntry = string | { readonly url: string; readonly comment?: string | undefined };

/** List-* fields (RFC 2369, RFC 2919) by the end of their names. */
export type MailList = Readonly<Record<string, ListEntry | readonly (ListEntry | readonly ListEntry[])[]>>;

/** The envelope in place of the one that the message names. */
export interface MailEnvelope {
  /** `false` or `''`: the null sender. Left out: the sender of the message. */
  readonly from?: MailAddresses | false | undefined;
  readonly to?: MailAddresses | undefined;
  readonly cc?: MailAddresses | undefined;
  readonly bcc?: MailAddresses | undefined;
  readonly [key: string]: unknown;
}

/** Delivery status notifications (RFC 3461). */
export interface MailDsn {
  readonly ret?: string | null | undefined;
  readonly return?: string | undefined;
  readonly envid?: string | null | undefined;
  readonly id?: string | undefined;
  readonly notify?: string | readonly string[] | null | undefined;
  readonly recipient?: string | undefined;
  readonly orcpt?: string | null | undefined;
}

export interface MailDkimKey {
  readonly domainName?: string | undefined;
  readonly keySelector?: string | undefined;
  /** PEM, a KeyObject, or `{ key, passphrase }`. */
  readonly privateKey?: string | Uint8Array | object | undefined;
}

export interface MailDkim extends MailDkimKey {
  readonly keys?: MailDkimKey | readonly MailDkimKey[] | undefined;
  /** Only `sha256`: RFC 8301 forbids the other. */
  readonly hashAlgo?: string | undefined;
  /** Names between colons: only these are signed. */
  readonly headerFieldNames?: string | undefined;
  /** Names between colons: these are not signed. */
  readonly skipFields?: string | undefined;
  /** Without meaning: a body is read twice, and kept nowhere. */
  readonly cacheDir?: string | false | undefined;
  readonly cacheTreshold?: number | undefined;
}

/** Who logs in: user and password, or OAuth 2. */
export interface MailAuth {
  /** `login` (default) or `oauth2`, in any case. */
  readonly type?: string | undefined;
  readonly user?: string | undefined;
  /** A function is asked when the login needs it, and once more when the server refuses what it gave. */
  readonly pass?: string | Extract<Credentials, { password: unknown }>['password'] | undefined;
  readonly credentials?: { readonly user?: string | undefined; readonly pass?: string | undefined } | undefined;
  /** The SASL mechanism. Default: the strongest that both sides know. */
  readonly method?: string | false | undefined;
  readonly accessToken?: string | false | Extract<Credentials, { accessToken: unknown }>['accessToken'] | undefined;
  /** When the token ends: a time in milliseconds since 1970. */
  readonly expires?: number | undefined;
  readonly refreshToken?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Where tokens are refreshed. Default: Google's. */
  readonly accessUrl?: string | undefined;
  readonly customHeaders?: object | undefined;
  readonly customParams?: object | undefined;
  readonly provisionCallback?: ProvisionCallback | false | undefined;
  /** In how many seconds the token given ends. */
  readonly timeout?: number | undefined;
  readonly serviceClient?: unknown;
  readonly privateKey?: unknown;
}

/** Gives an access token; `renew`: the one given before was refused. */
export type ProvisionCallback = (
  user: string,
  renew: boolean,
  callback: (error: Error | null, accessToken?: string, expires?: number) => void,
) => void;

/** The fields of a message. Others are left to plugins. */
export interface SendMailOptions {
  readonly from?: MailAddresses | undefined;
  readonly sender?: MailAddresses | undefined;
  readonly to?: MailAddresses | undefined;
  readonly cc?: MailAddresses | undefined;
  readonly bcc?: MailAddresses | undefined;
  readonly replyTo?: MailAddresses | undefined;
  readonly inReplyTo?: string | undefined;
  readonly references?: string | readonly string[] | undefined;
  readonly subject?: string | undefined;
  readonly messageId?: string | undefined;
  readonly date?: Date | string | undefined;
  readonly text?: MailText | undefined;
  readonly html?: MailText | undefined;
  readonly watchHtml?: MailText | undefined;
  readonly amp?: MailText | undefined;
  readonly icalEvent?: string | Uint8Array | Readable | MailCalendarEvent | undefined;
  readonly attachments?: readonly MailAttachment[] | undefined;
  readonly alternatives?: readonly MailAlternative[] | undefined;
  readonly headers?: MailHeaders | undefined;
  readonly list?: MailList | undefined;
  readonly envelope?: MailEnvelope | undefined;
  /** A whole message. The fields that make one are passed over beside it; its own Bcc fields are not sent. */
  readonly raw?: MailText | undefined;
  /** Taken for a wish, as `contentTransferEncoding` is; but `8bit`, which asks for text as it is where the server takes it. */
  readonly encoding?: string | undefined;
  readonly textEncoding?: string | undefined;
  readonly priority?: string | undefined;
  readonly xMailer?: string | false | undefined;
  readonly attachDataUrls?: boolean | undefined;
  /** Closes what the transport has opened; nothing in a message opens it. */
  readonly disableFileAccess?: boolean | undefined;
  readonly disableUrlAccess?: boolean | undefined;
  readonly dkim?: MailDkim | undefined;
  readonly dsn?: MailDsn | undefined;
  readonly requireTLSExtensionEnabled?: boolean | undefined;
  /** Who logs in for this message alone. */
  readonly auth?: MailAuth | undefined;
  readonly maxRecipients?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
