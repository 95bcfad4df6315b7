/** What to do about a connection that could not be made, by the system's error code. */
import type { Target } from './target.js';

export const UNREACHABLE_HINT =
  'Nothing answered: check the host, the port and the firewall. Many networks block port 25; submission uses 587 or 465.';

export function dialHint(syscode: string | undefined, target: Target): string {
  const socketFile = 'path' in target;
  switch (syscode) {
    case 'ECONNREFUSED':
      return socketFile
        ? 'No server listens on that socket: start it, or remove the stale file and start it.'
        : `Nothing listens on port ${String(target.port)} there: check the host and the port (25 relay, 465 TLS, 587 submission).`;
    case 'ENOTFOUND':
      return 'The name has no address: check its spelling, and the name server of this machine.';
    case 'EAI_AGAIN':
      return 'The name server did not answer: check the network, and try again later.';
    case 'EADDRNOTAVAIL':
      return 'sourceAddress must be an address of this machine; without one, the remote address cannot be used from here.';
    case 'EADDRINUSE':
      return 'The source port is in use: leave sourcePort out to let the system choose one.';
    case 'ENOENT':
      return 'There is no socket at that path: check the path, and whether the server runs.';
    case 'ENAMETOOLONG':
      return 'The system limits the path of a socket to about 100 octets: use a shorter one.';
    case 'EACCES':
    case 'EPERM':
      return socketFile
        ? 'The user of this process may not write to that socket: check the permissions of the file and its folders.'
        : 'The system forbids this connection: check the firewall, and that sourcePort is above 1023.';
    default:
      return socketFile ? 'Check the path, and whether the server runs.' : UNREACHABLE_HINT;
  }
}
