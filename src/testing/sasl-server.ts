/**
 * The server's side of AUTH (RFC 4954): enough to tell a right password from a wrong one. A mechanism is a generator: it
 * yields challenges, is given the answers, and returns whether the client may come in.
 */
import { createHmac } from 'node:crypto';

/** What a mechanism has to judge by. */
export interface SaslContext {
  /** The initial response, decoded; undefined when there was none. */
  readonly initial: Buffer | undefined;
  /** The password of a user, if there is one of that name. */
  readonly passwordOf: (user: string) => string | undefined;
  /** The server's name. */
  readonly hostname: string;
}

/** Yields challenges (not encoded), gets answers (decoded), returns true when the client is let in. */
export type SaslMechanism = (context: SaslContext) => Generator<Buffer, boolean, Buffer>;

function* plain({ initial, passwordOf }: SaslContext): Generator<Buffer, boolean, Buffer> {
  const message = initial ?? (yield Buffer.alloc(0));
  const [, user = '', password] = message.toString('utf8').split('\0');
  return password !== undefined && passwordOf(user) === password;
}

function* login({ initial, passwordOf }: SaslContext): Generator<Buffer, boolean, Buffer> {
  const user = initial ?? (yield Buffer.from('Username:'));
  const password = yield Buffer.from('Password:');
  return passwordOf(user.toString('utf8')) === password.toString('utf8');
}

function* cramMd5({ hostname, passwordOf }: SaslContext): Generator<Buffer, boolean, Buffer> {
  // RFC 2195 wants a challenge that is never the same twice; for a test the same one each time is better.
  const challenge = `<1896.697170952@${hostname}>`;
  const answer = (yield Buffer.from(challenge)).toString('utf8');
  const user = answer.slice(0, answer.lastIndexOf(' '));
  const password = passwordOf(user);
  if (password === undefined) return false;
  return answer === `${user} ${createHmac('md5', password).update(challenge).digest('hex')}`;
}

export const saslMechanisms: Readonly<Record<string, SaslMechanism>> = {
  PLAIN: plain,
  LOGIN: login,
  'CRAM-MD5': cramMd5,
};
