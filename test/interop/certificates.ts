// A certificate authority of the test run's own, made anew each time: no key of any kind lies in the repository.
import { readFile } from 'node:fs/promises';
import { Jail } from './jail.js';

export interface Certificates {
  /** PEM texts. The server's certificate names localhost, 127.0.0.1 and ::1. */
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const CONFIG = `[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[client]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
subjectAltName = email:sender@interop.test
`;

let made: Promise<Certificates> | undefined;

/** The certificates of this test run; the second call gives those of the first. */
export function makeCertificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const jail = await Jail.create('certificates');
  try {
    await jail.write('/tls/openssl.cnf', CONFIG);
    const request = async (name: string, subject: string, ...issuer: string[]): Promise<void> => {
      const key = [
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-noenc',
        '-keyout',
        `/tls/${name}.key`,
      ];
      const certificate = ['-x509', '-days', '2', '-out', `/tls/${name}.pem`, '-subj', subject, '-extensions', name];
      await jail.run('/usr/bin/openssl', 'req', '-config', '/tls/openssl.cnf', ...key, ...certificate, ...issuer);
    };
    const issuer = ['-CA', '/tls/authority.pem', '-CAkey', '/tls/authority.key'];
    await request('authority', '/CN=Interop test authority');
    await request('server', '/CN=localhost', ...issuer);
    await request('client', '/CN=sender', ...issuer);
    const read = (name: string): Promise<string> => readFile(jail.path(`/tls/${name}`), 'utf8');
    return {
      ca: await read('authority.pem'),
      serverCert: await read('server.pem'),
      serverKey: await read('server.key'),
      clientCert: await read('client.pem'),
      clientKey: await read('client.key'),
    };
  } finally {
    await jail.destroy();
  }
}
