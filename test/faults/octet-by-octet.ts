/** A stream that gives what it reads one octet at a time: what TLS makes of records that come in pieces. */
import { Duplex } from 'node:stream';

export function octetByOctet(inner: Duplex): Duplex {
  const outer = new Duplex({
    allowHalfOpen: false,
    read() {
      inner.resume();
    },
    write(chunk: Buffer, _encoding, callback) {
      inner.write(chunk, callback);
    },
    final(callback) {
      inner.end(callback);
    },
    destroy(error, callback) {
      inner.destroy();
      callback(error);
    },
  });
  inner.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 1) outer.push(chunk.subarray(at, at + 1));
  });
  inner.on('end', () => outer.push(null));
  inner.on('error', (error) => outer.destroy(error));
  return outer;
}
