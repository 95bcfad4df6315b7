/**
 * TLS over a stream that is connected already, for implicit TLS and STARTTLS alike: the certificate is verified against the
 * name that the caller gave, and nothing but an explicit `rejectUnauthorized: false` changes that (RFC 8314 section 5.4).
 * When the handshake fails, the stream is destroyed: it cannot carry SMTP any more.
 */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { MessageError, printable, SMTPTlsError } from '../errors.js';
import type { TlsInfo } from '../types.js';
import { bounded, type Bounds } from './bounded.js';
import { onDemand } from './on-demand.js';
import { certificateFaults, tlsHint } from './tls-hints.js';
import type { TlsOptions } from './tls-options.js';
import type { TlsSessions, VerifiedSession } from './tls-sessions.js';

/** RFC 9266 section 4. */
const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_OCTETS = 32;

export interface UpgradeOptions extends TlsOptions {
  /** The host name or IP address that the certificate must carry. */
  readonly servername: string;
  /** The sessions with this server, under these options: the last one is resumed if the server still knows it. Default: none is. */
  readonly sessions?: TlsSessions | undefined;
}

/** Of the sessions that were resumed, which show none: the certificate that was verified when they began. */
const certificates = new WeakMap<TLSSocket, PeerCertificate>();

interface CheckedTlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  /** Upper case hex digits without colons; undefined: no certificate is pinned. */
  readonly pins: ReadonlySet<string> | undefined;
}

/**
 * Throws MessageError, code `ERR_INVALID_TLS_OPTIONS`, for what can be seen without a server: a key that does not fit its
 * certificate, unreadable PEM, a minVersion below TLS 1.2, a fingerprint that is none.
 */
export function checkTlsOptions(options: TlsOptions): CheckedTlsOptions {
  const { minVersion = 'TLSv1.2', rejectUnauthorized } = options;
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3') {
    throw invalid(
      `minVersion ${printable(minVersion)} is refused`,
      'Use TLSv1.2 or TLSv1.3: RFC 8996 retired what is older.',
    );
  }
  const { ca, cert, key, passphrase, ciphers, fingerprint256 } = options;
  const given = { ca, cert, key, passphrase, ciphers };
  const material = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  let secureContext: SecureContext;
  try {
    secureContext = onDemand.tls.createSecureContext({ ...material, minVersion });
  } catch (error) {
    const reason = printable(error instanceof Error ? error.message : String(error));
    throw invalid(`the TLS options cannot be used: ${reason}`, 'Check ca, cert, key, passphrase and ciphers.', error);
  }
  return {
    secureContext,
    rejectUnauthorized: rejectUnauthorized !== false,
    pins: fingerprint256 === undefined ? undefined : parseFingerprints(fingerprint256),
  };
}

/**
 * Runs the handshake on `stream`, which it owns from now on, and resolves with the encrypted stream.
 *
 * `servername` is the host name or IP address that the certificate must carry; SNI is sent for names only (RFC 6066 section 3).
 * Throws SMTPTlsError (`reason`: the code of OpenSSL or Node, or `FINGERPRINT_MISMATCH`), SMTPTimeoutError after `timeoutMs`
 * milliseconds, SMTPAbortedError, or MessageError for options that are none. Nothing was sent in any case.
 */
export async function upgradeToTls(stream: Duplex, options: UpgradeOptions, bounds: Bounds): Promise<TLSSocket> {
  const { servername, sessions } = options;
  let secured: TLSSocket | undefined;
  // The TLS socket reports what happens from now on: an error of the stream below it that nobody hears must not end the process.
  stream.on('error', ignore);
  try {
    const checked = checkTlsOptions(options);
    if (servername === '' && checked.rejectUnauthorized) {
      throw invalid(
        'there is no name to check the certificate against',
        'Set tls.servername to the name in the certificate.',
      );
    }
    return await bounded<TLSSocket>(
      {
        stage: 'tls',
        activity: `the TLS handshake with ${printable(servername)}`,
        timeoutHint: 'The peer may not speak TLS on this port: implicit TLS is usually on 465, STARTTLS on 587 and 25.',
        run: async () => {
          const offered = sessions?.last;
          secured = startTls(stream, servername, checked, offered);
          const accept = sessions === undefined ? undefined : keepSessions(secured, sessions, offered);
          const verified = await handshake(secured, stream, servername, checked, offered);
          accept?.();
          return verified;
        },
        discard: ignore,
      },
      bounds,
    );
  } catch (error) {
    // Whatever it was, a whole handshake does not have it in common with this one.
    sessions?.forget();
    discard(secured, stream);
    throw error;
  }
}

/** What the session turned out to be. */
export function tlsInfo(socket: TLSSocket): TlsInfo {
  return Object.freeze({
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    authorized: socket.authorized,
    certificate: certificateOf(socket),
  });
}

function certificateOf(socket: TLSSocket): PeerCertificate {
  return certificates.get(socket) ?? socket.getPeerCertificate();
}

/**
 * The tls-exporter channel binding of RFC 9266; undefined below TLS 1.3, where it is unique to the connection only with an
 * extension (extended master secret) that Node does not report.
 */
export function tlsExporterBinding(socket: TLSSocket): Uint8Array | undefined {
  if (socket.getProtocol() !== 'TLSv1.3') return undefined;
  return socket.exportKeyingMaterial(EXPORTER_OCTETS, EXPORTER_LABEL, Buffer.alloc(0));
}

function startTls(
  stream: Duplex,
  servername: string,
  checked: CheckedTlsOptions,
  offered: VerifiedSession | undefined,
): TLSSocket {
  const isAddress = isIP(servername) !== 0;
  // A zone (fe80::1%eth0) is a word of this machine, and the final dot one of the resolver: neither is in a certificate.
  const name = isAddress ? servername.replace(/%.*$/, '') : servername.replace(/\.$/, '');
  return onDemand.tls.connect({
    socket: stream,
    secureContext: checked.secureContext,
    rejectUnauthorized: checked.rejectUnauthorized,
    ...(offered === undefined ? {} : { session: offered.session }),
    ...(isAddress || name === '' ? {} : { servername: name }),
    // Node would check against the name of SNI, or else of the socket: here it is always the name that the caller gave.
    checkServerIdentity: (_name, certificate) => onDemand.tls.checkServerIdentity(name, certificate),
  });
}

/**
 * Keeps what can be resumed, from the moment at which the result is called; nothing of a certificate that was let pass unverified, because
 * a resumption does not look at it, nor at the name in it.
 */
function keepSessions(secured: TLSSocket, sessions: TlsSessions, offered: VerifiedSession | undefined): () => void {
  let session: Buffer | undefined;
  let isAccepted = false;
  const keep = (): void => {
    if (!isAccepted || session === undefined || !secured.authorized) return;
    const resumed = secured.isSessionReused() ? offered : undefined;
    sessions.keep({
      session,
      certificate: certificateOf(secured),
      verifiedAtMs: resumed?.verifiedAtMs ?? sessions.now(),
    });
  };
  secured.on('session', (given: Buffer) => {
    session = given;
    keep();
  });
  return () => {
    isAccepted = true;
    keep();
  };
}

async function handshake(
  secured: TLSSocket,
  stream: Duplex,
  servername: string,
  { pins }: CheckedTlsOptions,
  offered: VerifiedSession | undefined,
): Promise<TLSSocket> {
  return await new Promise<TLSSocket>((resolve, reject) => {
    const end = (): void => {
      secured.off('secureConnect', onSecure).off('error', onFail).off('close', onClose);
      stream.off('error', onFail).off('close', onClose);
    };
    const onFail = (error: Error): void => {
      end();
      reject(handshakeFailed(error, servername));
    };
    const onClose = (): void => {
      onFail(Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' }));
    };
    const onSecure = (): void => {
      end();
      if (offered !== undefined && secured.isSessionReused()) certificates.set(secured, offered.certificate);
      const mismatch = pins === undefined ? undefined : findPinMismatch(certificateOf(secured), pins, servername);
      if (mismatch === undefined) resolve(secured);
      else reject(mismatch);
    };
    secured.on('secureConnect', onSecure).on('error', onFail).on('close', onClose);
    stream.on('error', onFail).on('close', onClose);
  });
}

/** Node 20 crashes when a TLS socket is destroyed in the same turn as the socket below it, and after it. */
function discard(secured: TLSSocket | undefined, stream: Duplex): void {
  secured?.on('error', ignore);
  if (stream.destroyed) {
    setImmediate(() => secured?.destroy());
    return;
  }
  secured?.destroy();
  stream.destroy();
}

function findPinMismatch(
  certificate: Partial<PeerCertificate>,
  pins: ReadonlySet<string>,
  servername: string,
): SMTPTlsError | undefined {
  const { fingerprint256 } = certificate;
  if (fingerprint256 !== undefined && pins.has(fingerprint256.replaceAll(':', '').toUpperCase())) return undefined;
  return new SMTPTlsError(
    `the certificate of ${printable(servername)} has the fingerprint ${fingerprint256 ?? '(none)'}, which is not the pinned one`,
    {
      stage: 'tls',
      reason: 'FINGERPRINT_MISMATCH',
      hint: 'Somebody may be in between. If the server has a new certificate, confirm its fingerprint another way and set it.',
    },
  );
}

function handshakeFailed(error: Error, servername: string): SMTPTlsError {
  const { code, reason: readable, cert } = error as { code?: unknown; reason?: unknown; cert?: PeerCertificate };
  const reason = typeof code === 'string' ? code : 'UNKNOWN';
  // OpenSSL's own text is a line of numbers; its reason is the readable part.
  const text = reason.startsWith('ERR_SSL_') && typeof readable === 'string' ? readable : error.message;
  return new SMTPTlsError(`the TLS handshake with ${printable(servername)} failed: ${printable(text)} (${reason})`, {
    stage: 'tls',
    reason,
    // A bad certificate stays bad until somebody acts; a broken connection may have been chance.
    retryable: !certificateFaults.has(reason),
    hint: tlsHint(reason, cert),
    cause: error,
  });
}

function parseFingerprints(given: string | readonly string[]): ReadonlySet<string> {
  const list = typeof given === 'string' ? [given] : given;
  const hint =
    'Give the SHA-256 fingerprint as 64 hex digits, with or without colons (openssl x509 -noout -fingerprint -sha256).';
  if (list.length === 0) throw invalid('fingerprint256 is an empty list, which no certificate can match', hint);
  return new Set(
    list.map((text) => {
      const digits = text.replaceAll(':', '').toUpperCase();
      if (!/^[0-9A-F]{64}$/.test(digits))
        throw invalid(`fingerprint256 ${printable(JSON.stringify(text))} is none`, hint);
      return digits;
    }),
  );
}

function ignore(): void {
  // What is given up may fail unheard.
}

function invalid(message: string, hint: string, cause?: unknown): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_TLS_OPTIONS', hint, cause });
}
