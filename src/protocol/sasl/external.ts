/** EXTERNAL (RFC 4422 appendix A): the client certificate, or the socket's owner, has said who we are. */
import { checkUser } from './credentials.js';
import { octetsOf, oneMessage, type SaslMechanism } from './mechanism.js';

/** `user`: whom to act as; '' lets the server derive it. */
export function external({ user }: { readonly user: string }): SaslMechanism {
  if (user !== '') checkUser(user);
  return oneMessage({ name: 'EXTERNAL', message: octetsOf(user), secret: false });
}
