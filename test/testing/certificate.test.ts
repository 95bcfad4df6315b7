import { X509Certificate } from 'node:crypto';
import { createTestCertificate } from '../../src/testing/index.js';

describe('createTestCertificate', () => {
  it('makes a certificate for this machine that is its own authority', () => {
    const { cert, key } = createTestCertificate();
    const certificate = new X509Certificate(cert);
    expect(certificate.subject).toBe('CN=localhost');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(key).toContain('-----BEGIN PRIVATE KEY-----');
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  it('makes one for other names and times', () => {
    const { cert } = createTestCertificate({
      names: ['mx.example', '2001:db8::1:2', '::ffff'],
      notBefore: new Date('2001-02-03T04:05:06Z'),
      notAfter: new Date('2051-02-03T04:05:06Z'),
    });
    const certificate = new X509Certificate(cert);
    expect(certificate.checkHost('mx.example')).toBe('mx.example');
    expect(certificate.checkHost('localhost')).toBeUndefined();
    expect(certificate.checkIP('2001:db8::1:2')).toBe('2001:db8::1:2');
    expect(certificate.checkIP('::ffff')).toBe('::ffff');
    expect(new Date(certificate.validFrom).toISOString()).toBe('2001-02-03T04:05:06.000Z');
    expect(new Date(certificate.validTo).toISOString()).toBe('2051-02-03T04:05:06.000Z');
  });

  it('gives each certificate its own number', () => {
    const numbers = [createTestCertificate(), createTestCertificate()].map(
      ({ cert }) => new X509Certificate(cert).serialNumber,
    );
    expect(numbers[0]).not.toBe(numbers[1]);
  });
});
