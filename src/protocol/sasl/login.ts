/**
 * LOGIN (never an RFC, widely spoken): the answer follows the prompt, not its number. A server that ignores the initial
 * response and asks for the user name again must not get the password, which would end up in its log of names.
 */
import { checkPasswordCredentials, type PasswordCredentials } from './credentials.js';
import { octetsOf, serverFault, unavailable, type SaslMechanism } from './mechanism.js';

const NAME = 'LOGIN';

export function login(credentials: PasswordCredentials): SaslMechanism {
  checkPasswordCredentials(credentials);
  const { user, password } = credentials;
  let userGivenWithAuth = false;
  let userAsked = false;
  let secretSent = false;

  /** Prompts in other words are told apart by their order, which is certain only when the first one is for the name. */
  const orderOf = (): 'user' | 'password' => {
    if (userAsked) return 'password';
    if (!userGivenWithAuth) return 'user';
    throw unavailable(
      NAME,
      'the prompt of the server is unknown',
      'Set initialResponseOk: false: then the first prompt is for the name.',
    );
  };

  return {
    name: NAME,
    get secretSent() {
      return secretSent;
    },
    serverError: undefined,
    initialResponse() {
      userGivenWithAuth = true;
      return octetsOf(user);
    },
    respond(challenge) {
      const wanted = promptOf(challenge) ?? orderOf();
      if (secretSent || (wanted === 'user' && userAsked)) {
        throw serverFault(NAME, `the server asks for the ${wanted} again`, 'Try another mechanism (auth.mechanisms).');
      }
      if (wanted === 'user') {
        userAsked = true;
        return octetsOf(user);
      }
      secretSent = true;
      return octetsOf(password);
    },
    finish() {
      if (!secretSent) throw serverFault(NAME, 'the server never asked for the password', 'Check what answers there.');
    },
  };
}

function promptOf(challenge: Uint8Array): 'user' | 'password' | undefined {
  const prompt = Buffer.from(challenge).toString('latin1');
  if (/pass/i.test(prompt)) return 'password';
  return /user|name|login/i.test(prompt) ? 'user' : undefined;
}
