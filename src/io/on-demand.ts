/**
 * The modules of Node that many programs never use. One rule: each is loaded by the first use of it. An import would do it at the
 * start of every program, which takes 7 ms in Node 22 and 24 for `node:tls` alone.
 */
import type * as dns from 'node:dns';
import type * as tls from 'node:tls';

export const onDemand = {
  get dns(): typeof dns {
    return process.getBuiltinModule('node:dns');
  },
  get tls(): typeof tls {
    return process.getBuiltinModule('node:tls');
  },
};
