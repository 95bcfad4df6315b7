// What the tests know of a server, whichever program it is.

/** One message in one mailbox. */
export interface Arrival {
  readonly envelopeFrom: string;
  readonly recipient: string;
  /** The content without the trace block that the server prepended, line ends as CRLF. */
  readonly bytes: Buffer;
  /** The server's own name for the message that it took, where its Received field tells it. */
  readonly queueId?: string;
  /** ESMTP parameters of MAIL and RCPT as they came, where the server tells them. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** How a server that offers DSN shows what it was asked for (RFC 3461). */
export interface Notifications {
  /** In a report to the sender, or in `Arrival.parameters`. */
  readonly toldBy: 'report' | 'parameters';
  /** The form in which ENVID and ORCPT come back. */
  readonly texts: 'decoded' | 'xtext' | 'left out';
}

/** A place where the server listens. */
export interface Endpoint {
  readonly protocol: 'smtp' | 'lmtp';
  readonly address: Address;
  /** `implicit`: TLS from the first octet; `starttls`: offered; `none`: not there. */
  readonly tls: 'none' | 'starttls' | 'implicit';
  /** Keywords of its EHLO (LHLO) reply before TLS and login, sorted, without parameters. */
  readonly keywords: readonly string[];
  /** AUTH mechanisms that it offers where the rules of the server allow a login (in TLS, where it has TLS). Sorted. */
  readonly mechanisms: readonly string[];
}

/** Trouble that an administrator makes, or a crash. */
export interface Control {
  /** Reads its settings anew. */
  reload(): void;
  /** Kills the processes that are in a session with a client. Tells how many there were. */
  endSessions(): Promise<number>;
  /** Ends the server in the middle of what it does, and starts it again. */
  restart(): Promise<void>;
}

export interface InteropServer {
  readonly name: string;
  readonly version: string;
  /** Takes mail for the mailboxes without login. */
  readonly plain: Endpoint;
  /** Offers login; wants STARTTLS and a login before mail where it can do both. */
  readonly submission?: Endpoint;
  /** Implicit TLS; wants a login where it offers one. */
  readonly implicitTls?: Endpoint;
  /** As `plain`, and ends a session that has been silent for a second, with 421. */
  readonly impatient?: Endpoint;
  readonly control?: Control;
  /** Why no TLS handshake with this server succeeds, although it offers STARTTLS. */
  readonly tlsFault?: string;
  /** Absent: the server does not offer DSN. */
  readonly notifications?: Notifications;
  /** Resolves when the server has nothing left to deliver. Tells each message once. */
  received(): Promise<readonly Arrival[]>;
  log(): Promise<string>;
  /** Ends all processes of the server and removes all its files. */
  stop(): Promise<void>;
}
