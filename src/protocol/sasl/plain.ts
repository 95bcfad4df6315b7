/** PLAIN (RFC 4616): the password itself, so only for a link that nobody reads. UTF-8 as given, no SASLprep. */
import { checkPasswordCredentials, checkUser, type PasswordCredentials } from './credentials.js';
import { octetsOf, oneMessage, type SaslMechanism } from './mechanism.js';

export interface PlainOptions extends PasswordCredentials {
  /** Whom to act as, if not `user`. */
  readonly authorizationId?: string;
}

export function plain(options: PlainOptions): SaslMechanism {
  checkPasswordCredentials(options);
  const { user, password, authorizationId = '' } = options;
  if (authorizationId !== '') checkUser(authorizationId);
  return oneMessage({ name: 'PLAIN', message: octetsOf(`${authorizationId}\0${user}\0${password}`), secret: true });
}
