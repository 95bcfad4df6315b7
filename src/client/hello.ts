/** How a session introduces itself, and what it learns from the answer (RFC 5321 sections 3.2 and 4.1.1.1). */
import { hostname } from 'node:os';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { SMTPHeloError, describeReply } from '../errors.js';
import { Extensions, parseExtensions } from '../protocol/extensions.js';
import type { Reply } from '../types.js';

export type HelloVerb = 'EHLO' | 'HELO' | 'LHLO';

/** What was said about the session so far. It is void after every (re)connect, STARTTLS and QUIT. */
export class Hello {
  heloResp: Reply | undefined;
  ehloResp: Reply | undefined;
  extensions = new Extensions();

  get doesEsmtp(): boolean {
    return this.ehloResp?.code === 250;
  }

  forget(): void {
    this.heloResp = undefined;
    this.ehloResp = undefined;
    this.extensions = new Extensions();
  }

  /** RFC 5321 section 4.1.1.1: only 250 is a yes; a refused EHLO leaves nothing of an earlier one. */
  heard(verb: HelloVerb, reply: Reply, disabledExtensions: readonly string[]): void {
    if (verb === 'HELO') {
      this.heloResp = reply;
      if (reply.code === 250) {
        // An answer that was no yes stays: it says why there is a HELO.
        if (this.doesEsmtp) this.ehloResp = undefined;
        this.extensions = new Extensions();
      }
      return;
    }
    this.ehloResp = reply;
    this.extensions = reply.code === 250 ? parseExtensions(reply, disabledExtensions) : new Extensions();
  }
}

const FULL_NAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))+$/;

/**
 * The name for EHLO without asking the DNS: the machine's own name when it is a full one, else the address literal
 * of our end of the connection (RFC 5321 section 4.1.3), else that of loopback.
 */
export function defaultLocalHostname(stream: Duplex | undefined): string {
  const name = hostname();
  if (FULL_NAME.test(name)) return name;
  const address = stream !== undefined && 'localAddress' in stream ? stream.localAddress : undefined;
  if (typeof address !== 'string' || address === '') return '[127.0.0.1]';
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return plain.includes(':') && isIPv6(plain) ? `[IPv6:${plain}]` : `[${plain}]`;
}

export function heloError(verb: HelloVerb, reply: Reply): SMTPHeloError {
  return new SMTPHeloError(`the server refused ${verb}: ${describeReply(reply)}`, {
    reply,
    hint: 'It may dislike the name that this client gives (localHostname), or its address.',
  });
}
